import type { Registry } from '@watchkeeper/registry';
import type { Caller, ModelMetadata } from '@watchkeeper/domain';
import type { RegistryUnderTest } from '../registry.contract';

/** A registry that breaks one promise: the check of that promise must see it. */
export interface RegistryMutant {
  readonly breaks: number;
  readonly how: string;
  readonly mutate: (underTest: RegistryUnderTest) => RegistryUnderTest;
}

export const REGISTRY_MUTANTS: readonly RegistryMutant[] = [
  {
    breaks: 1,
    how: 'keeps the key itself',
    mutate: withRegistry((registry) => ({
      createKey: async (wanted) => {
        const made = await registry.createKey(wanted);
        const plain = { provider: 'keys', name: made.info.keyId, version: '1', attributes: { key: made.key } };
        await registry.saveModel('internal', plain);
        return made;
      },
    })),
  },
  {
    breaks: 2,
    how: 'believes for ever what it has once read of a key',
    mutate: withRegistry((registry) => {
      const known = new Map<string, Caller | undefined>();
      return {
        authenticate: async (key) => {
          if (!known.has(key)) known.set(key, await registry.authenticate(key));
          return known.get(key);
        },
      };
    }),
  },
  {
    breaks: 2,
    how: 'does not look at the end of the key',
    mutate: withRegistry((registry) => {
      const keys: string[] = [];
      return {
        createKey: async (wanted) => {
          const made = await registry.createKey(wanted);
          keys.push(made.key);
          return made;
        },
        authenticate: (key) =>
          registry.authenticate(keys.find((each) => each.slice(0, -1) === key.slice(0, -1)) ?? key),
      };
    }),
  },
  {
    breaks: 3,
    how: 'gives every tenant the policy that was set last',
    mutate: withRegistry((registry) => {
      let last = 'nobody';
      return {
        setPolicy: async (tenant, policy) => {
          await registry.setPolicy(tenant, policy);
          last = tenant;
        },
        policyFor: () => registry.policyFor(last),
      };
    }),
  },
  {
    breaks: 4,
    how: 'writes a policy into the history each time',
    mutate: withRegistry((registry) => ({
      setPolicy: async (tenant, policy) => {
        await registry.setPolicy(tenant, { ...policy, description: 'in between' });
        await registry.setPolicy(tenant, policy);
      },
    })),
  },
  {
    breaks: 4,
    how: 'keeps a model once more each time',
    mutate: withRegistry((registry) => {
      const saved: ModelMetadata[] = [];
      return {
        saveModel: async (tenant, model) => {
          saved.push(model);
          await registry.saveModel(tenant, model);
        },
        models: () => Promise.resolve(saved),
      };
    }),
  },
  {
    breaks: 5,
    how: 'lists the models of whoever saved the last one',
    mutate: withRegistry((registry) => {
      let last = 'nobody';
      return {
        saveModel: async (tenant, model) => {
          await registry.saveModel(tenant, model);
          last = tenant;
        },
        models: () => registry.models(last),
      };
    }),
  },
  {
    breaks: 5,
    how: 'lets any tenant revoke a key that it knows the id of',
    mutate: withRegistry((registry) => ({
      revokeKey: (_tenant, keyId) => registry.revokeKey('acme', keyId),
    })),
  },
  {
    breaks: 6,
    how: 'keeps a policy in memory alone',
    mutate: (underTest) => ({
      ...underTest,
      afterKill: (work) =>
        underTest.afterKill((doomed) => work(inPlaceOf(doomed, { setPolicy: () => Promise.resolve() }))),
    }),
  },
];

function withRegistry(change: (registry: Registry) => Partial<Registry>) {
  return (underTest: RegistryUnderTest): RegistryUnderTest => ({
    ...underTest,
    registry: inPlaceOf(underTest.registry, change(underTest.registry)),
  });
}

/** The registry with some of its methods replaced. */
function inPlaceOf(registry: Registry, methods: Partial<Registry>): Registry {
  return new Proxy(registry, {
    get(target, name) {
      const replaced: unknown = Reflect.get(methods, name);
      const method: unknown = replaced ?? Reflect.get(target, name);
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
}
