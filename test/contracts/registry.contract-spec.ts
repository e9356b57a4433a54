import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Policy } from '@watchkeeper/domain';
import type { Registry } from '@watchkeeper/registry';
import { PgliteRegistry } from '@watchkeeper/registry/pglite';
import { builtFile } from '@watchkeeper/registry/pglite/built-file';
import { TypeormRegistry, type PostgresConnection } from '@watchkeeper/registry/typeorm';
import { Database } from '@watchkeeper/registry/typeorm/database';
import { REGISTRY_MUTANTS } from './mutants/registry.mutants';
import { REGISTRY_PROMISES, registryContract, type RegistryUnderTest } from './registry.contract';

const CACHE_MS = 1_000;
const NOON_MS = Date.parse('2026-11-20T12:00:00.000Z');
const DEFAULT_POLICY: Policy = {
  schema: 1,
  id: 'default',
  version: 1,
  rules: [
    { id: 'violence-user', category: 'violence', roles: ['user'], threshold: 0.8, severity: 'high', actions: [] },
  ],
};

const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function openPglite(): Promise<RegistryUnderTest> {
  const top = mkdtempSync(join(tmpdir(), 'registry-contract-'));
  closers.push(() => rmSync(top, { recursive: true, force: true }));
  const dir = join(top, 'registry');
  const defaultPolicyFile = join(top, 'default.yaml');
  writeFileSync(defaultPolicyFile, stringify(DEFAULT_POLICY));
  let passedMs = 0;
  const now = () => NOON_MS + passedMs;
  const settings = { defaultPolicyFile, cacheMs: CACHE_MS, now };
  const registry = await opened(PgliteRegistry.open({ dir, ...settings }));
  return {
    registry,
    defaultPolicy: DEFAULT_POLICY,
    cacheMs: CACHE_MS,
    pass: (ms) => void (passedMs += ms),
    now,
    elsewhere: async () => {
      // PGlite has one session: what was begun here has ended when this is answered.
      await registry.check();
      return opened(TypeormRegistry.open({ connection: connectionOf(dir), ...settings }));
    },
    holds: (text) => Promise.resolve(filesIn(dir).some((file) => readFileSync(file).includes(text))),
    policiesSet: (tenant) => policiesSet(connectionOf(dir), tenant),
    afterKill: async (work) => {
      const doomed = join(top, 'doomed');
      await workAndDie({ dir: doomed, defaultPolicyFile }, work);
      return opened(PgliteRegistry.open({ dir: doomed, ...settings }));
    },
  };
}

async function opened<R extends Registry>(opening: Promise<R>): Promise<R> {
  const registry = await opening;
  closers.push(() => registry.close());
  return registry;
}

/** Where the registry that has the folder listens: its lock says so. */
function connectionOf(dir: string): PostgresConnection {
  const { socketDir } = JSON.parse(readFileSync(join(dir, 'lock'), 'utf8')) as { socketDir: string };
  return { host: socketDir, port: 5432, user: 'postgres', database: 'postgres', connectionsMax: 1 };
}

async function policiesSet(connection: PostgresConnection, tenant: string): Promise<number> {
  const database = await Database.open(connection);
  const rows = await database.ask('count policies', (manager) =>
    manager.query<{ count: number }[]>('SELECT count(*)::int AS count FROM policies WHERE tenant = $1', [tenant]),
  );
  await database.close();
  return rows[0]!.count;
}

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile());
}

/** Does the work in a process of its own, which is killed as soon as the last answer is here. */
async function workAndDie(
  settings: { readonly dir: string; readonly defaultPolicyFile: string },
  work: (registry: Registry) => Promise<void>,
): Promise<void> {
  const file = builtFile('libs/registry/src/pglite/index.js');
  const child = fork(join(__dirname, 'registry.child.cjs'), [file, 'PgliteRegistry', JSON.stringify(settings)]);
  try {
    await work(registryIn(child));
  } finally {
    const exit = once(child, 'exit');
    if (child.kill('SIGKILL')) await exit;
  }
}

/** Every call is a message to the child and its answer. */
function registryIn(child: ChildProcess): Registry {
  let calls = 0;
  const call = (method: string, args: unknown[]) =>
    new Promise((resolve, reject) => {
      if (!child.connected) throw new Error('the process has ended');
      const id = calls++;
      const answered = (answer: { id: number; value?: unknown; fault?: string }) => {
        if (answer.id !== id) return;
        child.off('message', answered);
        if (answer.fault === undefined) resolve(answer.value);
        else reject(new Error(answer.fault));
      };
      child.on('message', answered);
      child.once('exit', () => reject(new Error('the process ended')));
      child.send({ id, method, args });
    });
  return new Proxy({} as Registry, {
    get: (_target, method) => (typeof method === 'string' ? (...args: unknown[]) => call(method, args) : undefined),
  });
}

registryContract('PgliteRegistry', openPglite);

describe('the contract of Registry fails a registry that', () => {
  it.each(REGISTRY_MUTANTS.map((mutant) => [mutant.how, mutant.breaks, mutant] as const))(
    '%s (promise %i)',
    async (_how, breaks, mutant) => {
      const promise = REGISTRY_PROMISES.find(({ number }) => number === breaks);
      await expect(promise!.check(async () => mutant.mutate(await openPglite()))).rejects.toMatchObject({
        // It is the check that fails, not what it runs on.
        matcherResult: { pass: expect.any(Boolean) as boolean },
      });
    },
  );

  it('breaks any promise: each has its mutant', () => {
    const broken = new Set(REGISTRY_MUTANTS.map((mutant) => mutant.breaks));
    expect(REGISTRY_PROMISES.filter(({ number }) => !broken.has(number))).toEqual([]);
  });
});
