import { DomainError } from '@watchkeeper/domain';

/** Why the log refuses or fails. The first four pass by themselves or by an operator's hand; the rest are the caller's fault. */
export type LogErrorCode =
  /** A write failed (input/output error, disk full); refused until a probe write succeeds. */
  | 'log-unavailable'
  /** The bound on the log's size is reached; retention makes room. */
  | 'log-full'
  /** Too many bytes wait for their commit. */
  | 'log-overloaded'
  /** The group is subscribed, here or in another process. */
  | 'log-group-busy'
  | 'log-closed'
  | 'log-read-only'
  | 'log-format-unknown'
  | 'log-invalid';

export function logError(code: LogErrorCode, message: string, cause?: unknown): DomainError {
  return new DomainError(code, message, cause === undefined ? undefined : { cause });
}
