import { gzipSync } from 'node:zlib';
import { CloudEvent, HTTP } from 'cloudevents';
import * as fc from 'fast-check';
import { ServerProcess } from '../fixtures/server';

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start();
});
afterAll(() => server.remove());

let count = 0;
const aTurn = (over: Record<string, unknown> = {}) => ({
  type: 'turn',
  id: `evt-${++count}`,
  conversationId: 'c-1',
  role: 'user',
  text: 'good morning',
  ...over,
});

describe('the door takes', () => {
  it('one event, an array, NDJSON, and gzip', async () => {
    expect((await server.post('/v1/events', aTurn())).status).toBe(202);
    expect(await server.post('/v1/events', [aTurn(), aTurn()])).toMatchObject({ status: 202, body: { accepted: 2 } });
    const lines = `${JSON.stringify(aTurn())}\n\n${JSON.stringify(aTurn())}\r\n`;
    expect(await server.post('/v1/events', lines, { 'content-type': 'application/x-ndjson' })).toMatchObject({
      status: 202,
      body: { accepted: 2 },
    });
    const zipped = new Uint8Array(gzipSync(JSON.stringify([aTurn()])));
    expect(await server.post('/v1/events', zipped, { 'content-encoding': 'gzip' })).toMatchObject({
      status: 202,
      body: { accepted: 1 },
    });
  });

  it('CloudEvents as their own library writes them: structured, binary and batched', async () => {
    const { id, ...data } = aTurn();
    const event = new CloudEvent({
      id,
      source: 'urn:chat:web',
      type: 'com.example.turn',
      time: '2026-11-20T10:00:00.000Z',
      data,
    });
    for (const message of [HTTP.structured(event), HTTP.binary(event)]) {
      const answer = await server.post('/v1/events', String(message.body), message.headers as Record<string, string>);
      expect(answer.status).toBe(202);
      // The same (source, id) both times, so the second is known.
      expect((answer.body['results'] as { id: string }[])[0]!.id).toBe(id);
    }
    const other = event.cloneWith({ id: `${id}-b` });
    expect(
      await server.post('/v1/events', [event, other], { 'content-type': 'application/cloudevents-batch+json' }),
    ).toMatchObject({
      status: 202,
      body: { accepted: 1, duplicate: 1 },
    });
    expect(await server.get(`/v1/events/${id}?source=urn:chat:web`)).toMatchObject({
      source: 'urn:chat:web',
      week: '2026-W47',
    });
  });

  it('feedback, evaluations and model metadata', async () => {
    expect(
      (
        await server.post('/v1/events', {
          type: 'feedback',
          id: 'fb-1',
          conversationId: 'c-1',
          kind: 'thumb',
          value: -1,
        })
      ).status,
    ).toBe(202);
    expect(
      (
        await server.post('/v1/evaluations', {
          id: 'ev-1',
          conversationId: 'c-1',
          raterId: 'r-1',
          question: 'satisfaction',
          value: 4,
        })
      ).status,
    ).toBe(202);
    expect(
      (await server.post('/v1/models', { provider: 'acme', name: 'chat', version: '1', attributes: { size: 'small' } }))
        .status,
    ).toBe(202);
    expect(
      await server.post('/v1/evaluations', {
        id: 'ev-2',
        conversationId: 'c-1',
        raterId: 'r-1',
        question: 'satisfaction',
        value: 7,
      }),
    ).toMatchObject({
      status: 422,
      body: { invalid: 1, errors: [{ pointer: '/value' }] },
    });
  });

  it('what is valid in a batch, and says of the rest where the fault is', async () => {
    const answer = await server.post('/v1/events', [aTurn(), aTurn({ role: 'robot' }), 'hello', aTurn()]);
    expect(answer).toMatchObject({ status: 202, body: { accepted: 2, invalid: 2 } });
    expect((answer.body['results'] as unknown[])[1]).toMatchObject({
      index: 1,
      status: 'invalid',
      errors: [{ pointer: '/role' }],
    });
    expect((answer.body['results'] as unknown[])[2]).toMatchObject({
      index: 2,
      status: 'invalid',
      errors: [{ pointer: '' }],
    });
  });

  it('a text of 300,000 characters, and judges all of it', async () => {
    const text = `${'a calm and friendly sentence about gardens. '.repeat(7_000)} I am going to kill you tonight`;
    const turn = aTurn({ text, userId: 'u-long' });
    expect((await server.post('/v1/events', turn)).status).toBe(202);
  });
});

describe('the door refuses, with a 4xx that says why,', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  it.each<[string, number | number[], string | Uint8Array, Record<string, string>]>([
    ['no JSON', 400, '{"type":"turn",', {}],
    ['an empty body', 400, '', {}],
    ['an empty array', 422, '[]', {}],
    ['wrong types', 422, JSON.stringify(aTurn({ id: 7 })), {}],
    ['a lone surrogate', 422, '{"type":"turn","id":"a","conversationId":"c","role":"user","text":"\\ud800"}', {}],
    ['NUL', 422, '{"type":"turn","id":"a","conversationId":"c","role":"user","text":"a\\u0000b"}', {}],
    ['__proto__', 400, '{"__proto__":{"admin":true},"type":"turn"}', {}],
    ['constructor.prototype', 400, '{"constructor":{"prototype":{"admin":true}}}', {}],
    ['100,000 arrays inside each other', [413, 422], deep, {}],
    [
      '100,000 arrays in a field nobody asked for',
      [413, 422],
      `{"type":"turn","id":"a","conversationId":"c","role":"user","text":"t","x":${deep}}`,
      {},
    ],
    ['what is not UTF-8', 400, new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), {}],
    ['what only says it is gzip', 400, '{}', { 'content-encoding': 'gzip' }],
    ['another encoding', 415, '{}', { 'content-encoding': 'br' }],
    ['another content type', 415, '<turn/>', { 'content-type': 'application/xml' }],
    [
      'a gzip bomb',
      413,
      new Uint8Array(gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20))),
      { 'content-encoding': 'gzip' },
    ],
    ['more events than a body may hold', 413, JSON.stringify(Array.from({ length: 10_001 }, () => 0)), {}],
    [
      'a number too large',
      422,
      '{"type":"turn","id":"a","conversationId":"c","role":"user","text":"t","seq":1e400}',
      {},
    ],
    [
      'a CloudEvent without data',
      422,
      '{"specversion":"1.0","id":"a","source":"s","type":"turn"}',
      { 'content-type': 'application/cloudevents+json' },
    ],
  ])('%s', async (_, status, body, headers) => {
    const answer = await server.post('/v1/events', body, headers);
    expect([status].flat()).toContain(answer.status);
    expect(answer.body).toMatchObject({
      type: expect.stringContaining('urn:watchkeeper:problem:'),
      title: expect.any(String),
      detail: expect.any(String),
      status: answer.status,
    });
  });

  it('a body beyond the limit before it is read', async () => {
    const answer = await server.post('/v1/events', 'x'.repeat(17 * 1024 * 1024)).catch(() => ({ status: 413 }));
    expect(answer.status).toBe(413);
  });

  it('any bytes at all, without ever answering 5xx', async () => {
    const bodies = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.json({ maxDepth: 6 }),
      fc
        .record({
          type: fc.constantFrom('turn', 'feedback', 'x'),
          id: fc.anything(),
          conversationId: fc.anything(),
          role: fc.anything(),
          text: fc.anything(),
          attributes: fc.anything(),
        })
        .map((value) => JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? String(v) : v))),
    );
    const types = fc.constantFrom(
      'application/json',
      'application/x-ndjson',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
    );
    await fc.assert(
      fc.asyncProperty(bodies, types, async (body, type) => {
        const { status } = await server.post('/v1/events', body ?? '', { 'content-type': type });
        expect(status === 202 || (status >= 400 && status < 500)).toBe(true);
      }),
      { numRuns: 150, seed: 20_261_123 },
    );
  });
});

describe('keys', () => {
  const create = (body: unknown) => server.post('/v1/keys', body);

  it('open nothing when there is none, when it is wrong, or when it was revoked', async () => {
    expect((await server.fetch('/v1/alerts', { key: '' })).status).toBe(401);
    expect((await server.fetch('/v1/alerts', { key: 'wk_live_nonsense' })).status).toBe(401);
    const { body } = await create({ name: 'short-lived', scopes: ['alerts:read'] });
    const key = String(body['key']);
    expect((await server.fetch('/v1/alerts', { key })).status).toBe(200);
    expect((await server.fetch(`/v1/keys/${String(body['keyId'])}`, { method: 'DELETE' })).status).toBe(204);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await server.fetch('/v1/alerts', { key })).status).toBe(401);
  });

  it('open only what their scopes name', async () => {
    const { body } = await create({ name: 'poster', scopes: ['ingest:write'] });
    const key = String(body['key']);
    const post = (path: string) =>
      server.fetch(path, {
        method: 'POST',
        key,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(aTurn()),
      });
    expect((await post('/v1/events')).status).toBe(202);
    expect((await post('/v1/evaluations')).status).toBe(403);
    for (const path of [
      '/v1/alerts',
      '/v1/keys',
      '/v1/reports/weekly',
      '/v1/policy',
      '/v1/dead-letters',
      '/v1/enforcements?subject=user:a',
    ]) {
      expect([path, (await server.fetch(path, { key })).status]).toEqual([path, 403]);
    }
  });

  it('are shown once: no list and no file holds them', async () => {
    const { body } = await create({ name: 'secret', scopes: ['alerts:read'] });
    expect(JSON.stringify(await server.get('/v1/keys'))).not.toContain(String(body['key']));
  });
});

describe('a path that is not there', () => {
  it.each([
    ['GET', '/v1/nothing', 404],
    ['GET', '/v1/reports/weekly/..%2f..%2fetc', 400],
    ['GET', '/v1/reports/weekly/2026-W60', 400],
    ['GET', '/v1/reports/weekly/2001-W01', 404],
    ['GET', '/v1/events/%00', 400],
    ['GET', '/v1/events/no-such-event', 404],
    ['GET', '/v1/enforcements?subject=nobody', 400],
    ['GET', '/v1/enforcements', 400],
    ['GET', '/v1/alerts?limit=-1', 400],
    ['GET', '/v1/alerts?cursor=%00', 400],
    ['GET', '/v1/alerts/none', 404],
    ['POST', '/v1/enforcements/none/undo', 404],
  ])('%s %s is answered %i as problem+json', async (method, path, status) => {
    const response = await server.fetch(path, {
      method,
      ...(method === 'POST' && { body: '{"reason":"r"}', headers: { 'content-type': 'application/json' } }),
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });
});
