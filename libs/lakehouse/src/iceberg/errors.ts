import { DomainError } from '@watchkeeper/domain';

/** Someone else has committed first, or what was to be replaced is gone. Nothing was changed. */
export class CommitConflict extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    super('commit-conflict', message, options);
    this.name = 'CommitConflict';
  }
}

/** The catalog did not say whether the commit took place. Files it may need must stay. */
export class CommitStateUnknown extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    super('commit-state-unknown', message, options);
    this.name = 'CommitStateUnknown';
  }
}

/** A landing that does not begin where the table stands: someone else owns the partition now. */
export class Fenced extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    super('fenced', message, options);
    this.name = 'Fenced';
  }
}
