import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { policyRef, SCOPES, TOPICS } from '@watchkeeper/domain';
import { EventLog } from '@watchkeeper/event-log';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import { Authenticator, createHttpApp, PlatformModule } from '@watchkeeper/platform';
import { Registry } from '@watchkeeper/registry';
import { MapRegistry } from '../../../test/fixtures/map-registry';
import { A_POLICY } from '../../../test/fixtures/stream';
import { SettingsModule } from './settings.module';

@Global()
@Module({})
class Parts {}

@Module({})
class Root {}

const quiet = () => undefined;

describe('what people set', () => {
  let dir: string;
  let log: LmdbEventLog;
  let app: NestFastifyApplication;
  let registry: MapRegistry;
  let keys: Readonly<Record<'admin' | 'reader' | 'other', string>>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'settings-'));
    log = LmdbEventLog.open({ dir });
    registry = new MapRegistry();
    const keyOf = async (tenant: string, scopes: Parameters<Registry['createKey']>[0]['scopes']) =>
      (await registry.createKey({ tenant, name: 'a key', scopes })).key;
    keys = {
      admin: await keyOf('acme', SCOPES),
      reader: await keyOf('acme', ['reports:read']),
      other: await keyOf('zeta', SCOPES),
    };
    const providers = [
      { provide: EventLog, useValue: log },
      { provide: Registry, useValue: registry },
      { provide: Authenticator, useValue: registry },
    ];
    const parts = { module: Parts, providers, exports: providers.map(({ provide }) => provide) };
    const root = { module: Root, imports: [parts, PlatformModule, SettingsModule] };
    const logger = { log: quiet, error: quiet, warn: quiet };
    app = await createHttpApp(root, { logger, bodyBytesMax: 2_000_000, bodiesBytesMax: 20_000_000 });
    app.enableShutdownHooks([]);
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    await log.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, as: keyof typeof keys, body?: unknown) {
    const headers = {
      authorization: `Bearer ${keys[as]}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await app.inject({ method, url, headers, ...(body !== undefined && { payload }) });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.body === '' ? undefined : answer.json<unknown>(),
    };
  }

  describe('as a policy', () => {
    it('is in force once it is answered, and stands in the log', async () => {
      const policy = { ...A_POLICY, version: 12 };
      expect(await call('PUT', '/v1/policy', 'admin', policy)).toMatchObject({
        status: 200,
        body: { policy, ref: policyRef(policy) },
      });
      expect(await call('GET', '/v1/policy', 'reader')).toMatchObject({ status: 200, body: { ref: { version: 12 } } });
      const bounds = await log.bounds(TOPICS.policies);
      expect(bounds.reduce((total, { end }) => total + end, 0)).toBe(1);
    });

    it('is of its tenant: another one keeps the default', async () => {
      expect(await call('GET', '/v1/policy', 'other')).toMatchObject({ body: { ref: { version: A_POLICY.version } } });
    });

    it.each([
      ['a field that is misspelt', { ...A_POLICY, ruls: [] }, 422],
      ['no rules', { ...A_POLICY, rules: [] }, 422],
      ['a threshold of 0', { ...A_POLICY, rules: [{ ...A_POLICY.rules[0], threshold: 0 }] }, 422],
      ['no JSON', '{', 400],
    ])('is refused with %s, and the one before stays', async (_, policy, status) => {
      expect(await call('PUT', '/v1/policy', 'admin', policy)).toMatchObject({ status });
      expect(await call('GET', '/v1/policy', 'reader')).toMatchObject({ body: { ref: { version: 12 } } });
    });

    it('is for admins', async () => {
      expect(await call('PUT', '/v1/policy', 'reader', A_POLICY)).toMatchObject({ status: 403 });
    });
  });

  describe('as keys', () => {
    it('is shown once, listed without the key, and revoked', async () => {
      const made = await call('POST', '/v1/keys', 'admin', { name: 'chat-web', scopes: ['ingest:write'] });
      expect(made).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' }, body: { name: 'chat-web' } });
      const { key, keyId } = made.body as { key: string; keyId: string };
      expect(await registry.authenticate(key)).toMatchObject({ tenant: 'acme', scopes: ['ingest:write'] });

      const listed = await call('GET', '/v1/keys', 'admin');
      expect(JSON.stringify(listed.body)).toContain(keyId);
      expect(JSON.stringify(listed.body)).not.toContain(key);

      // Another tenant's key is none.
      expect(await call('DELETE', `/v1/keys/${keyId}`, 'other')).toMatchObject({ status: 404 });
      expect(await registry.authenticate(key)).toBeDefined();
      expect(await call('DELETE', `/v1/keys/${keyId}`, 'admin')).toMatchObject({ status: 204 });
      expect(await registry.authenticate(key)).toBeUndefined();
    });

    it('is not made for another tenant, which does not exist for anyone but the operator', async () => {
      const order = { name: 'x', scopes: ['admin'], tenant: 'nobody-yet' };
      expect(await call('POST', '/v1/keys', 'admin', order)).toMatchObject({ status: 404 });
      expect(await registry.keys('nobody-yet')).toEqual([]);
    });

    it.each([
      ['a scope that is not known', { name: 'x', scopes: ['everything'] }, '/scopes/0'],
      ['no scope', { name: 'x', scopes: [] }, '/scopes'],
      ['a setting that nobody knows', { name: 'x', scopes: ['admin'], color: 'red' }, ''],
      ['an expiry that is no instant', { name: 'x', scopes: ['admin'], expiresAt: 'soon' }, '/expiresAt'],
    ])('is refused with %s', async (_, body, pointer) => {
      expect(await call('POST', '/v1/keys', 'admin', body)).toMatchObject({
        status: 422,
        body: { errors: expect.arrayContaining([expect.objectContaining({ pointer })]) as unknown },
      });
    });
  });

  it('as models is listed for its own tenant', async () => {
    await registry.saveModel('acme', { provider: 'acme', name: 'acme-chat', version: '1', attributes: {} });
    expect(await call('GET', '/v1/models', 'reader')).toMatchObject({ body: { models: [{ name: 'acme-chat' }] } });
    expect(await call('GET', '/v1/models', 'other')).toMatchObject({ body: { models: [] } });
  });

  it('has its JSON Schemas open to everyone, by name', async () => {
    const list = (await app.inject({ url: '/v1/schemas' })).json<{ schemas: string[] }>();
    expect(list.schemas.length).toBeGreaterThan(0);
    for (const name of list.schemas) {
      const answer = await app.inject({ url: `/v1/schemas/${name}` });
      expect(answer.headers['content-type']).toContain('application/schema+json');
      expect(answer.json()).toHaveProperty('$schema');
    }
    expect((await app.inject({ url: '/v1/schemas/constructor' })).statusCode).toBe(404);
  });
});
