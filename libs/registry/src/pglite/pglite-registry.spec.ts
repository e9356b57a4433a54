import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { Registry } from '../registry';
import { newApiKey, readApiKey } from '../typeorm/api-key';
import { builtFile } from './built-file';
import { PgliteRegistry } from './pglite-registry';

const mockWorkers: Worker[] = [];
jest.mock('node:worker_threads', () => {
  const actual = jest.requireActual<typeof import('node:worker_threads')>('node:worker_threads');
  return {
    ...actual,
    Worker: class extends actual.Worker {
      constructor(...parts: ConstructorParameters<typeof Worker>) {
        super(...parts);
        mockWorkers.push(this);
      }
    },
  };
});

const POLICY = `
schema: 1
id: default
version: 3
rules:
  - { id: hate-user, category: hate, roles: [user], threshold: 0.7, severity: high }
`;
const KEY = { tenant: 'acme', name: 'chat-web', scopes: ['admin'] } as const;

let top: string;
let registry: Registry | undefined;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'registry-spec-'));
  mockWorkers.length = 0;
});
afterEach(async () => {
  await registry?.close();
  registry = undefined;
  rmSync(top, { recursive: true, force: true });
});

function settings(more: object = {}) {
  const defaultPolicyFile = join(top, 'default.yaml');
  writeFileSync(defaultPolicyFile, POLICY);
  return { dir: join(top, 'data/registry'), defaultPolicyFile, ...more };
}

async function open(more: object = {}): Promise<Registry> {
  registry = await PgliteRegistry.open(settings(more));
  return registry;
}

const failing = (code: string, message: RegExp | string = '') =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

describe('PgliteRegistry', () => {
  it('opens a folder that is not there, for this user only, and opens it again', async () => {
    const first = await open();
    const { key } = await first.createKey(KEY);
    expect(statSync(join(top, 'data/registry')).mode & 0o777).toBe(0o700);
    await first.close();
    expect(readdirSync(join(top, 'data/registry'))).toEqual(['pg']);

    expect(await (await open()).authenticate(key)).toMatchObject(KEY);
  });

  it('begins anew when it was stopped while the folder was being prepared', async () => {
    const half = join(top, 'data/registry/pg.new/base');
    await (await open()).close();
    rmSync(join(top, 'data/registry/pg'), { recursive: true });
    writeFileSync(join(top, 'data/registry/pg.new'), 'half');
    await (await open()).check();
    expect(existsSync(half)).toBe(false);
  });

  it('starts without a prepared folder too', async () => {
    const { key } = await (await open({ templateFile: join(top, 'none') })).createKey(KEY);
    expect(await registry!.authenticate(key)).toMatchObject(KEY);
  });

  it('says so when the prepared folder is damaged', async () => {
    const templateFile = join(top, 'template.tar.gz');
    writeFileSync(templateFile, 'no archive');
    await expect(open({ templateFile })).rejects.toThrow(failing('registry-unavailable'));
    await (await open()).check();
  });

  it.each([
    ['is missing', undefined],
    ['is no YAML', '{ ['],
    ['is no policy', 'schema: 1'],
  ])('refuses to open when the default policy %s, and leaves the folder free', async (_what, content) => {
    const defaultPolicyFile = join(top, 'bad.yaml');
    if (content !== undefined) writeFileSync(defaultPolicyFile, content);
    await expect(open({ defaultPolicyFile })).rejects.toThrow(failing('bad-policy', /bad\.yaml/));
    expect(existsSync(join(top, 'data/registry/lock'))).toBe(false);
  });

  it('refuses a folder that another process has, and names it', async () => {
    const script = `
      const { PgliteRegistry } = require(${JSON.stringify(builtFile('libs/registry/src/pglite/index.js'))});
      PgliteRegistry.open(${JSON.stringify(settings())}).then(() => process.send('open'));
    `;
    const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(other, 'message');
    await expect(open()).rejects.toThrow(failing('registry-in-use', `process ${other.pid}`));
    other.kill('SIGKILL');
    await once(other, 'exit');
    await (await open()).check();
  });

  it('starts its database again once when it dies, and says when it is gone', async () => {
    const { key } = await (await open({ cacheMs: 0 })).createKey(KEY);
    const running = mockWorkers.length;
    await mockWorkers.at(-1)!.terminate();
    await expect(registry!.check()).rejects.toThrow(failing('registry-unavailable'));
    for (let tries = 0; tries < 100 && !(await answers(registry!)); tries++) await sleep(50);
    expect(await registry!.authenticate(key)).toMatchObject(KEY);

    await mockWorkers.at(-1)!.terminate();
    await sleep(100);
    await expect(registry!.check()).rejects.toThrow(failing('registry-unavailable'));
    await expect(registry!.authenticate(key)).rejects.toThrow(failing('registry-unavailable'));
    expect(mockWorkers).toHaveLength(running + 1);
  });
});

describe('the registry', () => {
  const folder = mkdtempSync(join(tmpdir(), 'registry-spec-'));
  let now = Date.parse('2026-11-20T10:00:00.000Z');
  let one: Registry;
  beforeAll(async () => {
    const defaultPolicyFile = join(folder, 'default.yaml');
    writeFileSync(defaultPolicyFile, POLICY);
    one = await PgliteRegistry.open({ dir: folder, defaultPolicyFile, cacheMs: 3_600_000, now: () => now });
  });
  afterAll(async () => {
    await one.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('notes when a key was used, once a minute at most', async () => {
    const { key } = await one.createKey(KEY);
    const used = async () => {
      await one.authenticate(key);
      await one.check();
      return (await one.keys('acme'))[0]?.lastUsedAt;
    };
    expect(await used()).toBe('2026-11-20T10:00:00.000Z');
    now += 59_999;
    expect(await used()).toBe('2026-11-20T10:00:00.000Z');
    now += 1;
    expect(await used()).toBe('2026-11-20T10:01:00.000Z');
  });

  it('revokes a key at once, and only once', async () => {
    const { key, info } = await one.createKey({ ...KEY, tenant: 'revoker' });
    await one.authenticate(key);
    const revokedAt = new Date(now).toISOString();
    expect(await one.revokeKey('revoker', info.keyId)).toBe(true);
    expect(await one.authenticate(key)).toBeUndefined();
    now += 1_000;
    expect(await one.revokeKey('revoker', info.keyId)).toBe(true);
    expect((await one.keys('revoker'))[0]?.revokedAt).toBe(revokedAt);
    expect(await one.revokeKey('revoker', 'no-such-key')).toBe(false);
  });

  it('refuses a key with the id of one and the secret of another, though its checksum fits', async () => {
    const { info } = await one.createKey(KEY);
    const forged = newApiKey(info.keyId).key;
    expect(readApiKey(forged)?.keyId).toBe(info.keyId);
    expect(await one.authenticate(forged)).toBeUndefined();
  });

  it('gives each webhook a secret of its own, and disables and deletes it', async () => {
    const first = await one.createWebhook('acme', 'https://hooks.acme.example/a');
    const second = await one.createWebhook('acme', 'https://hooks.acme.example/b');
    expect(first.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(second.secret).not.toBe(first.secret);
    expect(await one.disableWebhook('acme', first.id, 'answered 410')).toBe(true);
    expect(await one.deleteWebhook('acme', second.id)).toBe(true);
    expect(await one.deleteWebhook('acme', second.id)).toBe(false);
    expect(await one.webhooks('acme')).toEqual([
      { ...first, disabledAt: new Date(now).toISOString(), disabledReason: 'answered 410' },
    ]);
  });

  it.each([
    ['is empty', ''],
    ['has no scheme', 'hooks.acme.example'],
    ['is not http', 'ftp://acme.example'],
    ['holds a password', 'https://u:p@acme.example'],
    ['is too long', `https://a.example/${'x'.repeat(2_048)}`],
  ])('refuses a webhook URL that %s', async (_how, url) => {
    await expect(one.createWebhook('acme', url)).rejects.toThrow(failing('bad-webhook-url'));
  });

  it('bounds the webhooks of a tenant', async () => {
    for (let made = 0; made < 100; made++) await one.createWebhook('many', `https://hooks.acme.example/${made}`);
    await expect(one.createWebhook('many', 'https://hooks.acme.example/x')).rejects.toThrow(
      failing('too-many-webhooks'),
    );
  });

  it('says that a value cannot be stored, without showing it', async () => {
    const model = { provider: 'acme', name: 'chat', version: '1', attributes: { note: 'a\u0000canary' } };
    const fault: unknown = await one.saveModel('acme', model).catch((cause: unknown) => cause);
    expect(fault).toMatchObject({ code: 'registry-refused' });
    expect(JSON.stringify([fault, String((fault as Error).cause)])).not.toContain('canary');
    await one.check();
  });
});

async function answers(one: Registry): Promise<boolean> {
  return one.check().then(
    () => true,
    () => false,
  );
}
