import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Names end with the time of writing (ms): TypeORM runs them in that order. A migration that was released never changes. */
export class CreateRegistry1763856000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_keys (
        key_id text PRIMARY KEY,
        tenant text NOT NULL,
        name text NOT NULL,
        scopes text[] NOT NULL,
        hash text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3),
        revoked_at timestamptz(3),
        last_used_at timestamptz(3)
      ) WITH (fillfactor = 70);
      CREATE INDEX api_keys_of_tenant ON api_keys (tenant, created_at);

      CREATE TABLE policies (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tenant text NOT NULL,
        id text NOT NULL,
        version integer NOT NULL,
        hash text NOT NULL,
        body jsonb NOT NULL,
        set_at timestamptz(3) NOT NULL
      );
      CREATE INDEX policies_of_tenant ON policies (tenant, seq DESC);

      CREATE TABLE models (
        tenant text NOT NULL,
        provider text NOT NULL,
        name text NOT NULL,
        version text NOT NULL,
        released_at timestamptz(3),
        attributes jsonb NOT NULL,
        PRIMARY KEY (tenant, provider, name, version)
      );

      CREATE TABLE webhook_endpoints (
        id text PRIMARY KEY,
        tenant text NOT NULL,
        url text NOT NULL,
        secret text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        disabled_at timestamptz(3),
        disabled_reason text
      );
      CREATE INDEX webhook_endpoints_of_tenant ON webhook_endpoints (tenant, created_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE webhook_endpoints; DROP TABLE models; DROP TABLE policies; DROP TABLE api_keys');
  }
}

export const MIGRATIONS = [CreateRegistry1763856000000];
