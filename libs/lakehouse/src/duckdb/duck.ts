import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { QueryFailed } from './errors';
import { literal } from './sql';

export interface DuckSettings {
  readonly threads: number;
  readonly memoryLimitMb: number;
  /** Where what does not fit in memory goes. */
  readonly tempDir: string;
}

/** Rows that a write by partition gathers before it writes, and the files that it holds open: bounds its memory. */
const PARTITIONED_ROWS_MAX = 8_192;
const PARTITIONED_FILES_MAX = 16;

/** A row as JSON: 64-bit integers and instants are strings. */
export type Row = Readonly<Record<string, unknown>>;

/** DuckDB in this process: it computes, the Iceberg tables keep. */
export class Duck {
  private constructor(private readonly instance: DuckDBInstance) {}

  static async open({ threads, memoryLimitMb, tempDir }: DuckSettings): Promise<Duck> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(threads),
      memory_limit: `${memoryLimitMb}MB`,
      temp_directory: tempDir,
      // What is not built in must not be looked for on the network.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    return new Duck(instance);
  }

  /** A session has temporary tables of its own; one statement at a time. */
  async session(): Promise<DuckSession> {
    const connection = await this.instance.connect();
    await connection.run(`SET TimeZone = ${literal('UTC')}`);
    await connection.run(`SET partitioned_write_flush_threshold = ${PARTITIONED_ROWS_MAX}`);
    await connection.run(`SET partitioned_write_max_open_files = ${PARTITIONED_FILES_MAX}`);
    return new DuckSession(connection);
  }

  /** Runs the work in a session of its own. */
  async with<T>(work: (session: DuckSession) => Promise<T>): Promise<T> {
    const session = await this.session();
    try {
      return await work(session);
    } finally {
      session.close();
    }
  }

  close(): void {
    this.instance.closeSync();
  }
}

export class DuckSession {
  constructor(private readonly connection: DuckDBConnection) {}

  /** `what` names the statement in errors: DuckDB's own words may quote a row. */
  async run(what: string, sql: string): Promise<void> {
    try {
      await this.connection.run(sql);
    } catch (error) {
      throw new QueryFailed(what, error);
    }
  }

  async rows(what: string, sql: string): Promise<readonly Row[]> {
    try {
      const reader = await this.connection.runAndReadAll(sql);
      return reader.getRowObjectsJson();
    } catch (error) {
      throw new QueryFailed(what, error);
    }
  }

  async row(what: string, sql: string): Promise<Row> {
    const [first] = await this.rows(what, sql);
    return first ?? {};
  }

  /** Appends rows to a table of this session: for values that no text format carries. */
  async append(table: string, rows: readonly (readonly (string | number | bigint)[])[]): Promise<void> {
    const appender = await this.connection.createAppender(table);
    try {
      for (const row of rows) {
        for (const value of row) {
          if (typeof value === 'string') appender.appendVarchar(value);
          else appender.appendBigInt(BigInt(value));
        }
        appender.endRow();
      }
    } finally {
      appender.closeSync();
    }
  }

  close(): void {
    this.connection.closeSync();
  }
}
