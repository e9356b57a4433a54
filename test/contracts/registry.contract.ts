import type { KeyInfo, Registry } from '@watchkeeper/registry';
import type { ModelMetadata, Policy } from '@watchkeeper/domain';

export interface RegistryUnderTest {
  readonly registry: Registry;
  /** The policy of tenants that have set none. */
  readonly defaultPolicy: Policy;
  readonly cacheMs: number;
  /** Lets time pass for the registry, and for the others that look at the same store. */
  readonly pass: (ms: number) => void;
  readonly now: () => number;
  /** The same store as another process sees it. */
  readonly elsewhere: () => Promise<Registry>;
  /** Whether the text stands anywhere in what is stored. */
  readonly holds: (text: string) => Promise<boolean>;
  /** How many policies were ever in force for a tenant. */
  readonly policiesSet: (tenant: string) => Promise<number>;
  /** Lets `work` be done in a process that is killed with SIGKILL as soon as it resolves, and opens what is left. */
  readonly afterKill: (work: (registry: Registry) => Promise<void>) => Promise<Registry>;
}

/** Opens an empty registry. */
export type OpenRegistry = () => Promise<RegistryUnderTest>;

export interface RegistryPromise {
  readonly number: number;
  readonly title: string;
  check(open: OpenRegistry): Promise<void>;
}

const MINUTE_MS = 60_000;
const KEY = { tenant: 'acme', name: 'chat-web', scopes: ['ingest:write', 'events:read'] } as const;

/** The numbered promises of the port, each as a check that any adapter must pass and a mutant must fail. */
export const REGISTRY_PROMISES: readonly RegistryPromise[] = [
  {
    number: 1,
    title: 'a key is shown once, when it is made; only its hash is kept',
    async check(open) {
      const { registry, holds } = await open();
      const { key, info } = await registry.createKey(KEY);
      const secret = key.slice(key.lastIndexOf('_') + 1);
      await registry.authenticate(key);

      expect(key).toMatch(/^wk_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
      expect(secret).toHaveLength(49);
      expect(JSON.stringify([info, await registry.keys('acme')])).not.toContain(secret);
      // The store is searched for what must be in it too, or the search would prove nothing.
      expect(await holds(info.keyId)).toBe(true);
      expect(await holds(secret)).toBe(false);
    },
  },
  {
    number: 2,
    title: 'authenticate knows a key until it expires or is revoked, and not a moment longer than cacheMs',
    async check(open) {
      const { registry, elsewhere, cacheMs, pass, now } = await open();
      const lasting = await registry.createKey(KEY);
      const short = await registry.createKey({ ...KEY, expiresAt: new Date(now() + MINUTE_MS).toISOString() });
      expect(await registry.authenticate(lasting.key)).toEqual({ ...KEY, keyId: lasting.info.keyId });
      expect(await registry.authenticate(short.key)).toEqual({ ...KEY, keyId: short.info.keyId });
      for (const wrong of ['', 'wk_live_', changed(lasting.key), `${lasting.key} `, madeUp(lasting.key, short.key)]) {
        expect(await registry.authenticate(wrong)).toBeUndefined();
      }

      pass(MINUTE_MS - 1);
      expect(await registry.authenticate(short.key)).toBeDefined();
      pass(1);
      expect(await registry.authenticate(short.key)).toBeUndefined();

      await registry.authenticate(lasting.key);
      expect(await (await elsewhere()).revokeKey('acme', lasting.info.keyId)).toBe(true);
      pass(cacheMs);
      expect(await registry.authenticate(lasting.key)).toBeUndefined();
    },
  },
  {
    number: 3,
    title: 'a tenant without a policy of its own has the default one',
    async check(open) {
      const { registry, defaultPolicy } = await open();
      expect(await registry.policyFor('acme')).toEqual(defaultPolicy);

      await registry.setPolicy('acme', aPolicy());
      expect(await registry.policyFor('acme')).toEqual(aPolicy());
      expect(await registry.policyFor('other')).toEqual(defaultPolicy);
    },
  },
  {
    number: 4,
    title: 'setting a policy or a model again with the same content changes nothing',
    async check(open) {
      const { registry, policiesSet } = await open();
      for (let times = 0; times < 2; times++) {
        await registry.setPolicy('acme', aPolicy());
        await registry.saveModel('acme', aModel());
      }
      expect(await registry.policyFor('acme')).toEqual(aPolicy());
      expect(await policiesSet('acme')).toBe(1);
      expect(await registry.models('acme')).toEqual([aModel()]);

      const released = { ...aModel(), releasedAt: '2026-11-02T00:00:00.000Z' };
      await registry.setPolicy('acme', { ...aPolicy(), version: 8 });
      await registry.saveModel('acme', released);
      expect(await registry.policyFor('acme')).toEqual({ ...aPolicy(), version: 8 });
      expect(await policiesSet('acme')).toBe(2);
      expect(await registry.models('acme')).toEqual([released]);
    },
  },
  {
    number: 5,
    title: "one tenant never sees another's keys, models or endpoints",
    async check(open) {
      const { registry } = await open();
      const { key, info } = await registry.createKey(KEY);
      await registry.saveModel('acme', aModel());
      const endpoint = await registry.createWebhook('acme', 'https://hooks.acme.example/alerts');

      expect([await registry.keys('other'), await registry.models('other'), await registry.webhooks('other')]).toEqual([
        [],
        [],
        [],
      ]);
      expect(await registry.revokeKey('other', info.keyId)).toBe(false);
      expect(await registry.disableWebhook('other', endpoint.id, 'not mine')).toBe(false);
      expect(await registry.deleteWebhook('other', endpoint.id)).toBe(false);

      expect(await registry.authenticate(key)).toEqual({ ...KEY, keyId: info.keyId });
      expect((await registry.keys('acme')).map(withoutUse)).toEqual([info]);
      expect(await registry.models('acme')).toEqual([aModel()]);
      expect(await registry.webhooks('acme')).toEqual([endpoint]);
    },
  },
  {
    number: 6,
    title: 'what was set is there after kill -9',
    async check(open) {
      const { afterKill } = await open();
      let key = '';
      const reborn = await afterKill(async (registry) => {
        await registry.setPolicy('acme', aPolicy());
        await registry.saveModel('acme', aModel());
        await registry.createWebhook('acme', 'https://hooks.acme.example/alerts');
        ({ key } = await registry.createKey(KEY));
      });

      expect(await reborn.authenticate(key)).toMatchObject(KEY);
      expect(await reborn.policyFor('acme')).toEqual(aPolicy());
      expect(await reborn.models('acme')).toEqual([aModel()]);
      expect(await reborn.webhooks('acme')).toHaveLength(1);
    },
  },
];

function aPolicy(): Policy {
  return {
    schema: 1,
    id: 'strict',
    version: 7,
    rules: [
      {
        id: 'harassment-user',
        category: 'harassment',
        roles: ['user'],
        threshold: 0.61,
        severity: 'medium',
        actions: [{ do: 'throttle', to: 'user', for: '15m' }],
      },
    ],
  };
}

function aModel(): ModelMetadata {
  return { provider: 'acme', name: 'acme-chat', version: '2026-11-01', attributes: { parameters: 7_000_000_000 } };
}

/** The same key with another last character: its checksum no longer fits. */
function changed(key: string): string {
  return key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
}

/** The id of one key with the secret of another. */
function madeUp(key: string, other: string): string {
  return key.slice(0, 20) + other.slice(20);
}

function withoutUse(info: KeyInfo): Partial<KeyInfo> {
  return Object.fromEntries(Object.entries(info).filter(([name]) => name !== 'lastUsedAt'));
}

export function registryContract(adapter: string, open: OpenRegistry): void {
  describe(`Registry on ${adapter}`, () => {
    it.each(REGISTRY_PROMISES.map((promise) => [promise.number, promise.title, promise] as const))(
      '%i. %s',
      async (_number, _title, promise) => {
        await promise.check(open);
      },
    );
  });
}
