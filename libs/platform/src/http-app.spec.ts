import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { Controller, Delete, Get, Module, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { Open } from './access';
import { createHttpApp } from './http-app';

const BODY_BYTES_MAX = 1_000;

let held: Promise<void> | undefined;

@Controller('v1')
@Open()
class SomeRoutes {
  @Post('echo')
  async echo(@Req() request: FastifyRequest): Promise<{ bytes: number; isBuffer: boolean }> {
    await held;
    return { bytes: (request.body as Buffer).length, isBuffer: Buffer.isBuffer(request.body) };
  }

  @Delete('things/:id')
  async remove(): Promise<{ removed: true }> {
    await held;
    return { removed: true };
  }

  @Get('trouble')
  trouble(): never {
    throw new Error('a text that nobody should read');
  }
}

@Module({ controllers: [SomeRoutes] })
class SomeModule {}

const quiet = () => undefined;
const SILENT = { log: quiet, error: quiet, warn: quiet };

describe('an HTTP app', () => {
  let app: NestFastifyApplication;
  let port: number;

  beforeAll(async () => {
    app = await createHttpApp(SomeModule, {
      logger: SILENT,
      bodyBytesMax: BODY_BYTES_MAX,
      bodiesBytesMax: 2 * BODY_BYTES_MAX,
    });
    await app.listen(0, '127.0.0.1');
    port = Number(new URL(await app.getUrl()).port);
  });
  afterAll(async () => {
    // What a failed test has left open must not hold up the rest.
    app.getHttpServer().closeAllConnections();
    await app.close();
  });
  afterEach(() => {
    held = undefined;
  });

  const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: '/v1/echo', payload, headers });

  it.each(['application/json', 'text/plain', 'application/x-ndjson', 'image/png'])(
    'leaves a body of %s as bytes, for its route to read',
    async (type) => {
      expect((await post('{"broken', { 'content-type': type })).json()).toEqual({ bytes: 8, isBuffer: true });
    },
  );

  it('sends safe headers with whatever it answers', async () => {
    const tooLarge = await post('x', { 'content-length': '1000000', 'content-type': 'text/plain' });
    const answers = [
      await post('x', { 'content-type': 'text/plain' }),
      await app.inject({ method: 'GET', url: '/nowhere' }),
      await app.inject({ method: 'GET', url: '/v1/trouble' }),
      tooLarge,
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 404, 503, 413]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-opener-policy': 'same-origin',
      });
    }
  });

  it.each([
    ['a path that is not there', 'GET', '/v1/nowhere', 404],
    ['a method that the path does not know', 'PUT', '/v1/echo', 404],
    ['a path that cannot be decoded', 'GET', '/v1/%zz', 400],
    ['trouble of ours', 'GET', '/v1/trouble', 503],
  ] as const)('tells of %s as problem+json', async (_, method, url, status) => {
    const answer = await app.inject({ method, url });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status, requestId: expect.any(String) as string });
    expect(answer.body).not.toContain('nobody should read');
    expect(answer.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
  });

  it('takes a body up to the limit', async () => {
    const answer = await post(Buffer.alloc(BODY_BYTES_MAX), { 'content-type': 'text/plain' });
    expect(answer.json()).toMatchObject({ bytes: BODY_BYTES_MAX });
  });

  it('refuses a body by the length it declares, before a byte of it is read', async () => {
    const request = open({ 'content-length': String(BODY_BYTES_MAX + 1) });
    request.flushHeaders();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(413);
    request.destroy();
  });

  it('refuses a body of unknown length once it is past the limit', async () => {
    const request = open({ 'transfer-encoding': 'chunked' });
    request.on('error', quiet);
    request.write(Buffer.alloc(BODY_BYTES_MAX));
    request.end(Buffer.alloc(BODY_BYTES_MAX));
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(413);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it.each([
    ['of the length they declare', { 'content-length': String(BODY_BYTES_MAX) }],
    ['of unknown length, which may become as long as any', { 'transfer-encoding': 'chunked' }],
  ])(
    'refuses more bodies at once than it has room for, %s, and takes one when there is room again',
    async (_, headers) => {
      const first = open(headers);
      const second = open(headers);
      for (const request of [first, second]) request.write('x');
      await settled();
      const refused = await fetch(`http://127.0.0.1:${port}/v1/echo`, { method: 'POST', body: 'x' });
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('1');

      for (const request of [first, second]) {
        request.on('error', quiet);
        request.destroy();
      }
      await settled();
      expect((await fetch(`http://127.0.0.1:${port}/v1/echo`, { method: 'POST', body: 'x' })).status).toBe(201);
    },
  );

  it('keeps no room for requests without a body', async () => {
    let release = quiet as () => void;
    held = new Promise((resolve) => {
      release = resolve;
    });
    const calls = Array.from({ length: 5 }, (_, i) =>
      fetch(`http://127.0.0.1:${port}/v1/things/${i}`, { method: 'DELETE' }),
    );
    await settled();
    release();
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  function open(headers: Record<string, string>) {
    return httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/v1/echo', headers });
  }

  /** Time for the server to see what was sent. */
  function settled(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 100));
  }
});
