import { DomainError } from '@watchkeeper/domain';

/** These speak of the statement, before any row is read. */
const ABOUT_THE_STATEMENT = new Set(['Binder Error', 'Parser Error', 'Catalog Error']);

/**
 * A statement that failed. DuckDB's message may quote a value, so only the kind of the error is kept
 * (`IO Error`, `Out of Memory Error`), never its text, and no cause.
 */
export class QueryFailed extends DomainError {
  readonly kind: string;

  constructor(what: string, error: unknown) {
    const [firstLine = ''] = messageOf(error).split('\n');
    const kind = /^([A-Z][A-Za-z ]{1,40} Error):/.exec(firstLine)?.[1] ?? 'Error';
    super('query-failed', `the lake could not ${what}: ${ABOUT_THE_STATEMENT.has(kind) ? firstLine : kind}`);
    this.name = 'QueryFailed';
    this.kind = kind;
  }
}

/** A data file that a snapshot names is missing, cut short or unreadable. */
export class DamagedFile extends DomainError {
  constructor(
    readonly path: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super('damaged-file', `the data file ${path} ${reason}: restore it, or rebuild the table`, options);
    this.name = 'DamagedFile';
  }
}

// Not instanceof: an error of native code may come from another realm.
function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
}
