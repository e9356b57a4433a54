import { DomainError } from '@watchkeeper/domain';

export interface StoredFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** A `putIfAbsent` that cannot say whether the file was put: neither delete what it may need nor take it for done. */
export class PutStateUnknown extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    super('put-state-unknown', message, options);
    this.name = 'PutStateUnknown';
  }
}

/**
 * Where the files of the lake lie. Paths are absolute, as they stand in the tables' metadata.
 * Every error names the path.
 */
export abstract class Storage {
  abstract read(path: string): Promise<Buffer>;

  /** Durable when it resolves. Fails when the file exists: no file of a table is ever written over. */
  abstract write(path: string, bytes: Uint8Array): Promise<void>;

  /**
   * Puts the whole file or nothing, durable when it resolves; false: somebody was first. This is the
   * compare-and-swap that commits rest on. PutStateUnknown when it cannot say; any other error: not put.
   */
  abstract putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean>;

  /** Readers see the old bytes or the new ones. Not durable: for hints only. */
  abstract replace(path: string, bytes: Uint8Array): Promise<void>;

  /** Removing what is not there is no error. */
  abstract remove(path: string): Promise<void>;

  abstract exists(path: string): Promise<boolean>;

  /** Names of the files that lie directly in a folder, in no order; none when there is no such folder. */
  abstract names(dir: string): Promise<readonly string[]>;

  /** All files at and below a folder, in no order. A file that comes or goes meanwhile may be listed or not. */
  abstract list(dir: string): AsyncIterable<StoredFile>;

  /** Makes a file durable that someone else has written, DuckDB say. Fails when it is not there. */
  abstract sync(path: string): Promise<void>;

  /** The path for a reader in this process that opens files by itself; undefined when the file is not on this machine. */
  localPath(_path: string): string | undefined {
    return undefined;
  }
}
