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

/** The commit can never be made as it was asked for. Nothing was changed. */
export class CommitRefused extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    super('commit-refused', message, options);
    this.name = 'CommitRefused';
  }
}

export class TableMissing extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    super('table-missing', message, options);
    this.name = 'TableMissing';
  }
}

/** A file of the table's metadata is damaged, or of a kind that this version does not read. Names the file. */
export class MetadataUnreadable extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    super('metadata-unreadable', message, options);
    this.name = 'MetadataUnreadable';
  }
}
