import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { fastify as createFastify, type FastifyInstance } from 'fastify';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { LoggerService } from '@nestjs/common';
import { problems } from './problem';
import { ProblemDetailsFilter, sendProblem, toProblem } from './problem-details.filter';

export interface HttpAppOptions {
  readonly logger: LoggerService;
  /** Largest body on the wire, bytes. */
  readonly bodyBytesMax: number;
  /** Bodies being received at once, bytes in all; beyond it the door answers 503. */
  readonly bodiesBytesMax: number;
}

const REQUEST_MS_MAX = 30_000;
const HEADERS_MS_MAX = 10_000;
/** What is under way at a stop may go on for so long; then its connection is cut. */
const LAST_REQUESTS_MS_MAX = 10_000;
const IDLE_LOOK_MS = 50;

/** A Nest application on Fastify with our manners: raw bodies, problem+json, safe headers, bounded everything. */
export async function createHttpApp(
  module: Type | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const fastify: FastifyInstance = createFastify({
    bodyLimit: options.bodyBytesMax,
    genReqId: () => randomUUID(),
    requestTimeout: REQUEST_MS_MAX,
    routerOptions: { maxParamLength: 1_024 },
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    // What fails before Nest sees it (a broken URL, a body too large) is told in the same words.
    frameworkErrors: (error, request, reply) => sendProblem(reply, toProblem(error), request.id),
  });
  fastify.server.headersTimeout = HEADERS_MS_MAX;
  // First, so that a body refused below is refused with them.
  fastify.addHook('onRequest', (_request, reply, done) => {
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
    });
    done();
  });
  boundBodies(fastify, options);
  letGoOnClose(fastify);

  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(fastify), {
    logger: options.logger,
    bodyParser: false,
    abortOnError: false,
  });
  // Bodies stay bytes until their route reads them: each route has its own limits.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.useGlobalFilters(new ProblemDetailsFilter());
  return app;
}

/**
 * Node closes the connections that are idle when a stop begins. Those whose last answer leaves a moment later would keep
 * the process waiting for their keep-alive time, so they are looked for until none is left.
 */
function letGoOnClose(fastify: FastifyInstance): void {
  fastify.addHook('preClose', (done) => {
    const { server } = fastify;
    const looking = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
    const cutting = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS_MAX);
    server.once('close', () => {
      clearInterval(looking);
      clearTimeout(cutting);
    });
    done();
  });
}

/** Bodies in the air are counted before a byte of them is read. */
function boundBodies(fastify: FastifyInstance, { bodyBytesMax, bodiesBytesMax }: HttpAppOptions): void {
  let reservedBytes = 0;
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.method === 'GET' || request.method === 'HEAD') return done();
    const declared = bytesDeclared(request.headers, bodyBytesMax);
    if (declared > bodyBytesMax) return done(problems.tooLarge(`a body may have at most ${bodyBytesMax} bytes`));
    if (reservedBytes + declared > bodiesBytesMax) {
      return done(problems.unavailable('too many bodies are being received at once; nothing of this one was accepted'));
    }
    reservedBytes += declared;
    reply.raw.once('close', () => {
      reservedBytes -= declared;
    });
    return done();
  });
}

/** A body of unknown length may become as large as any; a request that speaks of no body has none (RFC 9112 §6.3). */
function bytesDeclared(headers: IncomingHttpHeaders, bodyBytesMax: number): number {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  if (length !== undefined) return Number(length);
  return coding === undefined ? 0 : bodyBytesMax;
}
