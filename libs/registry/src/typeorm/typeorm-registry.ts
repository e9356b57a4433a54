import { randomBytes } from 'node:crypto';
import type { Repository } from 'typeorm';
import {
  DomainError,
  policyRef,
  policySchema,
  type Caller,
  type ModelMetadata,
  type Policy,
} from '@watchkeeper/domain';
import { Registry, type KeyInfo, type WebhookEndpoint } from '../registry';
import { randomBase62 } from './api-key';
import { Database, type PostgresConnection } from './database';
import { readPolicyFile } from './default-policy';
import { FreshCache } from './fresh-cache';
import { KeyRing } from './key-ring';
import { ModelRow, PolicyRow, WebhookRow } from './rows';

export type { PostgresConnection } from './database';

export interface TypeormRegistrySettings {
  readonly connection: PostgresConnection;
  /** YAML of the policy of tenants that have set none. */
  readonly defaultPolicyFile: string;
  /** How long a key or a policy may be believed after it was read, ms. */
  readonly cacheMs?: number;
  /** Now, ms since the epoch. */
  readonly now?: () => number;
  /** Called once, after the last question, when the registry is closed. */
  readonly afterClose?: () => Promise<void>;
}

const CACHE_MS = 1_000;
const POLICIES_CACHED_MAX = 1_000;
const WEBHOOKS_MAX = 100;
const URL_LENGTH_MAX = 2_048;
const SECRET_BYTES = 32;

/** The registry on a PostgreSQL, whichever: a server, or PGlite behind its socket. */
export class TypeormRegistry extends Registry {
  readonly #keys: KeyRing;
  readonly #policies: FreshCache<Policy>;

  private constructor(
    private readonly database: Database,
    private readonly defaultPolicy: Policy,
    private readonly settings: { readonly cacheMs: number; readonly now: () => number },
    private readonly afterClose: () => Promise<void>,
  ) {
    super();
    this.#keys = new KeyRing(database, settings);
    this.#policies = new FreshCache(settings.cacheMs, POLICIES_CACHED_MAX, settings.now);
  }

  static async open(settings: TypeormRegistrySettings): Promise<TypeormRegistry> {
    const defaultPolicy = await readPolicyFile(settings.defaultPolicyFile);
    const database = await Database.open(settings.connection);
    const clock = { cacheMs: settings.cacheMs ?? CACHE_MS, now: settings.now ?? Date.now };
    return new TypeormRegistry(database, defaultPolicy, clock, settings.afterClose ?? (() => Promise.resolve()));
  }

  createKey(key: Parameters<Registry['createKey']>[0]): Promise<{ readonly key: string; readonly info: KeyInfo }> {
    return this.#keys.create(key);
  }

  authenticate(key: string): Promise<Caller | undefined> {
    return this.#keys.authenticate(key);
  }

  keys(tenant: string): Promise<readonly KeyInfo[]> {
    return this.#keys.list(tenant);
  }

  tenants(): Promise<readonly string[]> {
    return this.#keys.tenants();
  }

  revokeKey(tenant: string, keyId: string): Promise<boolean> {
    return this.#keys.revoke(tenant, keyId);
  }

  policyFor(tenant: string): Promise<Policy> {
    return this.#policies.get(tenant, async () => {
      const row = await this.database.ask('read a policy', (manager) =>
        currentPolicy(manager.getRepository(PolicyRow), tenant),
      );
      return row ? policySchema.parse(row.body) : this.defaultPolicy;
    });
  }

  async setPolicy(tenant: string, policy: Policy): Promise<void> {
    const { id, version, hash } = policyRef(policy);
    const setAt = new Date(this.settings.now());
    await this.database.ask('set a policy', (manager) =>
      manager.transaction(async (transaction) => {
        // Two who set it at once must see each other, or history would hold it twice.
        await transaction.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`policy of ${tenant}`]);
        const rows = transaction.getRepository(PolicyRow);
        const current = await currentPolicy(rows, tenant);
        if (current?.hash !== hash) await rows.insert({ tenant, id, version, hash, body: policy, setAt });
      }),
    );
    this.#policies.forget(tenant);
  }

  async saveModel(tenant: string, model: ModelMetadata): Promise<void> {
    const { provider, name, version, attributes } = model;
    const releasedAt = model.releasedAt === undefined ? null : new Date(model.releasedAt);
    await this.database.ask('save a model', (manager) =>
      manager
        .getRepository(ModelRow)
        .upsert({ tenant, provider, name, version, attributes, releasedAt }, ['tenant', 'provider', 'name', 'version']),
    );
  }

  async models(tenant: string): Promise<readonly ModelMetadata[]> {
    const rows = await this.database.ask('list models', (manager) =>
      manager
        .getRepository(ModelRow)
        .find({ where: { tenant }, order: { provider: 'ASC', name: 'ASC', version: 'ASC' } }),
    );
    return rows.map(modelOf);
  }

  async createWebhook(tenant: string, url: string): Promise<WebhookEndpoint> {
    const row = {
      id: `wh_${randomBase62(16)}`,
      tenant,
      url: parseUrl(url),
      secret: `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`,
      createdAt: new Date(this.settings.now()),
      disabledAt: null,
      disabledReason: null,
    };
    await this.database.ask('create a webhook', async (manager) => {
      const rows = manager.getRepository(WebhookRow);
      if ((await rows.countBy({ tenant })) >= WEBHOOKS_MAX) {
        throw new DomainError(
          'too-many-webhooks',
          `a tenant may have ${WEBHOOKS_MAX} webhook endpoints: delete one first`,
        );
      }
      await rows.insert(row);
    });
    return endpointOf(row);
  }

  async webhooks(tenant: string): Promise<readonly WebhookEndpoint[]> {
    const rows = await this.database.ask('list webhooks', (manager) =>
      manager.getRepository(WebhookRow).find({ where: { tenant }, order: { createdAt: 'ASC', id: 'ASC' } }),
    );
    return rows.map(endpointOf);
  }

  async disableWebhook(tenant: string, id: string, reason: string): Promise<boolean> {
    const change = { disabledAt: new Date(this.settings.now()), disabledReason: reason };
    const result = await this.database.ask('disable a webhook', (manager) =>
      manager.getRepository(WebhookRow).update({ tenant, id }, change),
    );
    return result.affected === 1;
  }

  async deleteWebhook(tenant: string, id: string): Promise<boolean> {
    const result = await this.database.ask('delete a webhook', (manager) =>
      manager.getRepository(WebhookRow).delete({ tenant, id }),
    );
    return result.affected === 1;
  }

  async check(): Promise<void> {
    await this.database.ask('reach the registry', (manager) => manager.query('SELECT 1'));
  }

  async close(): Promise<void> {
    await this.#keys.settle();
    await this.database.close();
    await this.afterClose();
  }
}

async function currentPolicy(rows: Repository<PolicyRow>, tenant: string): Promise<PolicyRow | null> {
  return await rows.findOne({ where: { tenant }, order: { seq: 'DESC' } });
}

function modelOf({ provider, name, version, releasedAt, attributes }: ModelRow): ModelMetadata {
  return { provider, name, version, ...(releasedAt && { releasedAt: releasedAt.toISOString() }), attributes };
}

function endpointOf(row: WebhookRow): WebhookEndpoint {
  const { id, tenant, url, secret, createdAt, disabledAt, disabledReason } = row;
  return {
    id,
    tenant,
    url,
    secret,
    createdAt: createdAt.toISOString(),
    ...(disabledAt && { disabledAt: disabledAt.toISOString() }),
    ...(disabledReason !== null && { disabledReason }),
  };
}

/** Only the form is looked at here: whether it may be called is asked where it is called, each time. */
function parseUrl(text: string): string {
  const url = text.length <= URL_LENGTH_MAX && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new DomainError(
      'bad-webhook-url',
      `a webhook needs an http or https URL of at most ${URL_LENGTH_MAX} characters`,
    );
  }
  if (url.username || url.password) {
    throw new DomainError('bad-webhook-url', 'a webhook URL must not hold a user name or a password');
  }
  return url.href;
}
