import { IsNull } from 'typeorm';
import type { Caller } from '@watchkeeper/domain';
import type { KeyInfo, Registry } from '../registry';
import { isSameHash, newApiKey, readApiKey, type ApiKey } from './api-key';
import type { Database } from './database';
import { FreshCache } from './fresh-cache';
import { ApiKeyRow } from './rows';

const CALLERS_CACHED_MAX = 10_000;
const STRANGERS_CACHED_MAX = 10_000;
/** `lastUsedAt` is told to the minute, so that a busy key costs one write a minute. */
const LAST_USED_EVERY_MS = 60_000;
const KEYS_NOTED_MAX = 10_000;

interface KnownKey {
  readonly caller: Caller;
  /** ms since the epoch; Infinity when it never expires. */
  readonly expiresAt: number;
}

/** API keys: made, recognised, revoked. Only their hashes are kept. */
export class KeyRing {
  readonly #callers: FreshCache<KnownKey | undefined>;
  // Apart from the callers, so that a flood of made-up keys drives no real one out of the cache.
  readonly #strangers: FreshCache<true>;
  readonly #noted: FreshCache<true>;
  readonly #writes = new Set<Promise<void>>();
  readonly #now: () => number;

  constructor(
    private readonly database: Database,
    settings: { readonly cacheMs: number; readonly now: () => number },
  ) {
    this.#now = settings.now;
    this.#callers = new FreshCache(settings.cacheMs, CALLERS_CACHED_MAX, settings.now);
    this.#strangers = new FreshCache(settings.cacheMs, STRANGERS_CACHED_MAX, settings.now);
    this.#noted = new FreshCache(LAST_USED_EVERY_MS, KEYS_NOTED_MAX, settings.now);
  }

  async create(
    wanted: Parameters<Registry['createKey']>[0],
  ): Promise<{ readonly key: string; readonly info: KeyInfo }> {
    const { key, keyId, hash } = newApiKey();
    const row = {
      keyId,
      tenant: wanted.tenant,
      name: wanted.name,
      scopes: [...wanted.scopes],
      hash,
      createdAt: new Date(this.#now()),
      expiresAt: wanted.expiresAt === undefined ? null : new Date(wanted.expiresAt),
      revokedAt: null,
      lastUsedAt: null,
    };
    await this.database.ask('create a key', (manager) => manager.getRepository(ApiKeyRow).insert(row));
    return { key, info: infoOf(row) };
  }

  async authenticate(presented: string): Promise<Caller | undefined> {
    const key = readApiKey(presented);
    if (!key || this.#strangers.has(key.hash)) return undefined;
    const known = await this.#callers.get(key.hash, () => this.#find(key));
    if (!known) {
      this.#callers.forget(key.hash);
      await this.#strangers.get(key.hash, () => Promise.resolve(true));
      return undefined;
    }
    if (known.expiresAt <= this.#now()) return undefined;
    this.#noteUse(known.caller.keyId);
    return known.caller;
  }

  async list(tenant: string): Promise<readonly KeyInfo[]> {
    const rows = await this.database.ask('list keys', (manager) =>
      manager.getRepository(ApiKeyRow).find({ where: { tenant }, order: { createdAt: 'ASC', keyId: 'ASC' } }),
    );
    return rows.map(infoOf);
  }

  async tenants(): Promise<readonly string[]> {
    const rows = await this.database.ask('list tenants', (manager) =>
      manager
        .getRepository(ApiKeyRow)
        .createQueryBuilder('key')
        .select('DISTINCT key.tenant', 'tenant')
        .getRawMany<{ tenant: string }>(),
    );
    return rows.map(({ tenant }) => tenant).toSorted();
  }

  /** A key that was revoked stays revoked since then: doing it again tells true and changes nothing. */
  async revoke(tenant: string, keyId: string): Promise<boolean> {
    const hash = await this.database.ask('revoke a key', async (manager) => {
      const rows = manager.getRepository(ApiKeyRow);
      await rows.update({ tenant, keyId, revokedAt: IsNull() }, { revokedAt: new Date(this.#now()) });
      return (await rows.findOneBy({ tenant, keyId }))?.hash;
    });
    if (hash !== undefined) this.#callers.forget(hash);
    return hash !== undefined;
  }

  /** Waits for what is still being written on the side. */
  async settle(): Promise<void> {
    await Promise.all(this.#writes);
  }

  async #find(key: ApiKey): Promise<KnownKey | undefined> {
    const row = await this.database.ask('look up a key', (manager) =>
      manager.getRepository(ApiKeyRow).findOneBy({ keyId: key.keyId }),
    );
    if (!row || !isSameHash(row.hash, key.hash) || row.revokedAt) return undefined;
    const { tenant, keyId, name, scopes } = row;
    return { caller: { tenant, keyId, name, scopes }, expiresAt: row.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY };
  }

  /** Awaited by nobody: the caller does not wait for it, and nothing is lost that matters if it fails. */
  #noteUse(keyId: string): void {
    if (this.#noted.has(keyId)) return;
    const lastUsedAt = new Date(this.#now());
    const write = this.#noted
      .get(keyId, async () => {
        await this.database.ask('note the use of a key', (manager) =>
          manager.getRepository(ApiKeyRow).update({ keyId }, { lastUsedAt }),
        );
        return true as const;
      })
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }
}

function infoOf(row: ApiKeyRow): KeyInfo {
  const { keyId, tenant, name, scopes, createdAt, expiresAt, revokedAt, lastUsedAt } = row;
  return {
    keyId,
    tenant,
    name,
    scopes,
    createdAt: createdAt.toISOString(),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    ...(revokedAt && { revokedAt: revokedAt.toISOString() }),
    ...(lastUsedAt && { lastUsedAt: lastUsedAt.toISOString() }),
  };
}
