import { DataSource, MigrationExecutor, QueryFailedError, type EntityManager } from 'typeorm';
import { DomainError } from '@watchkeeper/domain';
import { MIGRATIONS } from './migrations';
import { ApiKeyRow, ModelRow, PolicyRow, WebhookRow } from './rows';

/** Where a PostgreSQL is. A `host` that begins with a slash is the folder of its unix socket. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
  readonly ssl?: boolean;
  /** Connections held at most. */
  readonly connectionsMax: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const QUERY_TIMEOUT_MS = 10_000;
/** Questions under way or waiting for a connection; one more is refused before memory grows. */
const QUESTIONS_MAX = 1_000;
// Any number of ours will do, as long as all our processes use the same.
const MIGRATION_LOCK = 7_364_926_001;

/** A PostgreSQL at our schema. Whatever it cannot do is a DomainError, without the parameters of the query. */
export class Database {
  #questions = 0;

  private constructor(private readonly source: DataSource) {}

  static async open(connection: PostgresConnection): Promise<Database> {
    const source = new DataSource({
      type: 'postgres',
      host: connection.host,
      port: connection.port,
      username: connection.user,
      ...(connection.password === undefined ? {} : { password: connection.password }),
      database: connection.database,
      ssl: connection.ssl ?? false,
      applicationName: 'watchkeeper',
      poolSize: connection.connectionsMax,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      extra: { query_timeout: QUERY_TIMEOUT_MS, allowExitOnIdle: true },
      // A connection that breaks while idle is replaced; what matters of it shows in the next question.
      poolErrorHandler: () => undefined,
      installExtensions: false,
      synchronize: false,
      logging: false,
      entities: [ApiKeyRow, PolicyRow, ModelRow, WebhookRow],
      migrations: MIGRATIONS,
      migrationsTableName: 'schema_migrations',
    });
    const database = new Database(source);
    try {
      await source.initialize();
      await migrate(source);
      return database;
    } catch (cause) {
      await database.close();
      throw domainError(cause, 'open the registry');
    }
  }

  /** Runs `work` on one connection or, where it asks for it, in a transaction of its own. `what` completes "could not". */
  async ask<T>(what: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.#questions >= QUESTIONS_MAX) {
      throw new DomainError(
        'registry-unavailable',
        `could not ${what}: ${QUESTIONS_MAX} questions are waiting already`,
      );
    }
    this.#questions++;
    try {
      return await work(this.source.manager);
    } catch (cause) {
      throw cause instanceof DomainError ? cause : domainError(cause, what);
    } finally {
      this.#questions--;
    }
  }

  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }
}

/** Many processes may start at once: one migrates, the others wait for it and find it done. */
async function migrate(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'all';
    await executor.executePendingMigrations();
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
  }
}

/** SQLSTATE classes that say the value was at fault, not the database: 22 data, 23 constraint. */
const VALUE_AT_FAULT = /^2[23]/;

function domainError(cause: unknown, what: string): DomainError {
  const { message, code } = wordsOf(cause instanceof QueryFailedError ? cause.driverError : cause);
  // The query's own error carries its parameters, among them hashes and secrets: only its words are kept.
  const plain = new Error(`${message} ${code}`.trim());
  return VALUE_AT_FAULT.test(code)
    ? new DomainError('registry-refused', `could not ${what}: the value cannot be stored`, { cause: plain })
    : new DomainError('registry-unavailable', `could not ${what}`, { cause: plain });
}

function wordsOf(reason: unknown): { readonly message: string; readonly code: string } {
  const { message, code } = (reason ?? {}) as { readonly message?: unknown; readonly code?: unknown };
  return {
    message: typeof message === 'string' ? message : 'no reason given',
    code: typeof code === 'string' ? code : '',
  };
}
