/** What should not be. Carries a code from a closed list, never the text of a conversation. */
export class DomainError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'DomainError';
  }
}

/** One fault in something posted: where it is (RFC 6901 pointer) and what is wrong. Never quotes the value. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}
