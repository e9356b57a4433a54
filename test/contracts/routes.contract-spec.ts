import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { SCOPES } from '@watchkeeper/domain';
import { declaredAccess } from '@watchkeeper/platform';

const ROOT = resolve(__dirname, '../..');

/**
 * Every route there is, and what a key must be allowed for it. A new route fails this suite until it is entered here:
 * whoever enters it has said aloud who may call it.
 */
const ROUTES: Readonly<Record<string, string>> = {
  'GET /healthz': 'open',
  'GET /readyz': 'open',
  'GET /metrics': 'open',
  'GET /v1/schemas': 'open',
  'GET /v1/schemas/:name': 'open',

  'POST /v1/events': 'ingest:write',
  'GET /v1/events/:id': 'events:read',
  'POST /v1/evaluations': 'evals:write',
  'POST /v1/models': 'evals:write',
  'GET /v1/models': 'reports:read',

  'GET /v1/alerts': 'alerts:read',
  'GET /v1/alerts/:id': 'alerts:read',
  'GET /v1/alerts/stream': 'alerts:read',
  'GET /v1/enforcements': 'alerts:read',
  'POST /v1/enforcements/:id/undo': 'actions:write',

  'GET /v1/reports/weekly': 'reports:read',
  'GET /v1/reports/weekly/:week': 'reports:read',
  'GET /v1/reports/diff': 'reports:read',
  'POST /v1/reports/weekly/rebuild': 'admin',
  'POST /v1/verify': 'admin',
  'GET /v1/batch': 'admin',

  'GET /v1/policy': 'reports:read',
  'PUT /v1/policy': 'admin',
  'POST /v1/keys': 'admin',
  'GET /v1/keys': 'admin',
  'DELETE /v1/keys/:keyId': 'admin',
  'POST /v1/webhooks': 'admin',
  'GET /v1/webhooks': 'admin',
  'DELETE /v1/webhooks/:id': 'admin',
  'POST /v1/webhooks/:id/test': 'admin',
  'GET /v1/dead-letters': 'admin',
  'GET /v1/dead-letters/:id': 'admin',
  'POST /v1/dead-letters/:id/replay': 'admin',
};

interface Route {
  readonly name: string;
  readonly access: string | undefined;
  readonly declaredIn: string;
}

type Class = abstract new (...args: never[]) => object;

describe('the routes', () => {
  const routes = controllers().flatMap(routesOf);

  it('are all found', () => {
    expect(routes.length).toBeGreaterThanOrEqual(Object.keys(ROUTES).length);
  });

  it('say each who may call them: a scope, or that they are open', () => {
    expect(routes.filter(({ access }) => access === undefined)).toEqual([]);
    const known = new Set<string>([...SCOPES, 'open']);
    expect(routes.filter(({ access }) => access !== undefined && !known.has(access))).toEqual([]);
  });

  it('are those of the table, with the access that stands there', () => {
    expect(Object.fromEntries(routes.map(({ name, access }) => [name, access]))).toEqual(ROUTES);
  });

  it('are each declared once', () => {
    const names = routes.map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('that change what is in force or who may do what are for those who may write', () => {
    const reading = new Set(['alerts:read', 'events:read', 'open']);
    const writing = routes.filter(({ name }) => !name.startsWith('GET '));
    expect(writing.filter(({ access }) => access === undefined || reading.has(access))).toEqual([]);
  });

  it('that are open are these few, which know of no tenant', () => {
    const open = routes.filter(({ access }) => access === 'open').map(({ name }) => name);
    expect(open.toSorted()).toEqual([
      'GET /healthz',
      'GET /metrics',
      'GET /readyz',
      'GET /v1/schemas',
      'GET /v1/schemas/:name',
    ]);
  });
});

/** Every class that Nest knows as a controller, in whatever file of ours it stands. */
function controllers(): { readonly controller: Class; readonly file: string }[] {
  const files = ['apps', 'libs'].flatMap((top) =>
    readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
      .map((name) => join(top, name))
      .filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('@Controller(')),
  );
  return files.flatMap((file) =>
    Object.values(require(join(ROOT, file)) as Record<string, unknown>)
      .filter((exported) => typeof exported === 'function' && Reflect.hasMetadata(PATH_METADATA, exported))
      .map((controller) => ({ controller: controller as Class, file })),
  );
}

function routesOf({ controller, file }: { readonly controller: Class; readonly file: string }): Route[] {
  const methods = Object.getOwnPropertyNames(controller.prototype)
    .map((name): unknown => Reflect.get(controller.prototype as object, name))
    .filter(
      (handler): handler is () => unknown =>
        typeof handler === 'function' && Reflect.hasMetadata(METHOD_METADATA, handler),
    );
  return methods.map((handler) => {
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
    const path = [controller, handler].flatMap((part) => String(Reflect.getMetadata(PATH_METADATA, part)).split('/'));
    return {
      name: `${method} /${path.filter((part) => part !== '').join('/')}`,
      access: declaredAccess(handler, controller),
      declaredIn: `${file}: ${controller.name}.${handler.name}`,
    };
  });
}
