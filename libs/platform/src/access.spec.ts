import { Controller, Get } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { APP_GUARD } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Caller, Scope } from '@watchkeeper/domain';
import { AccessGuard, Authenticator, CurrentCaller, declaredAccess, Open, RequireScope } from './access';
import { ProblemDetailsFilter } from './problem-details.filter';

const CALLERS: Readonly<Record<string, readonly Scope[]>> = {
  'key-of-reader': ['alerts:read'],
  'key-of-writer': ['ingest:write', 'events:read'],
  'key-of-admin': ['admin'],
  'key-of-nobody': [],
};

class TableAuthenticator extends Authenticator {
  async authenticate(key: string): Promise<Caller | undefined> {
    if (key === 'key-of-trouble') throw new Error('the registry is down');
    const scopes = CALLERS[key];
    return scopes && { tenant: 'acme', keyId: key, name: 'a key', scopes };
  }
}

@Controller('alerts')
@RequireScope('alerts:read')
class AlertsRoutes {
  @Get()
  list(@CurrentCaller() caller: Caller): { tenant: string } {
    return { tenant: caller.tenant };
  }

  @Get('undo')
  @RequireScope('actions:write')
  undo(): string {
    return 'done';
  }

  @Get('help')
  @Open()
  help(): string {
    return 'help';
  }
}

@Controller('forgotten')
class ForgottenRoutes {
  @Get()
  list(): string {
    return 'nobody should read this';
  }
}

describe('access', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const module = await Test.createTestingModule({
      controllers: [AlertsRoutes, ForgottenRoutes],
      providers: [
        { provide: Authenticator, useClass: TableAuthenticator },
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
    })
      .setLogger({ log: quiet, error: quiet, warn: quiet })
      .compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    app.useGlobalFilters(new ProblemDetailsFilter());
    await app.init();
  });
  afterAll(() => app.close());

  const get = async (url: string, authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    return app.inject({ method: 'GET', url, headers });
  };

  it.each([
    ['no key', undefined],
    ['a key that nobody has', 'Bearer key-of-no-one'],
    ['another scheme', 'Basic key-of-reader'],
    ['two keys', 'Bearer key-of-reader key-of-admin'],
    ['an empty key', 'Bearer '],
  ])('is 401 with %s', async (_, authorization) => {
    const answer = await get('/alerts', authorization);
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it.each([
    ['the key has the scope', '/alerts', 'key-of-reader', 200],
    ['the key has another scope', '/alerts', 'key-of-writer', 403],
    ['the key has no scope', '/alerts', 'key-of-nobody', 403],
    ['the key is an admin', '/alerts', 'key-of-admin', 200],
    ["the method's scope goes before the controller's", '/alerts/undo', 'key-of-reader', 403],
    ['the route has no scope, even for a key with one', '/forgotten', 'key-of-reader', 403],
    ['the route has no scope, even for an admin', '/forgotten', 'key-of-admin', 403],
    ['the registry does not answer', '/alerts', 'key-of-trouble', 503],
  ])('where %s: %s by %s is %i', async (_, url, key, status) => {
    expect((await get(url, `Bearer ${key}`)).statusCode).toBe(status);
  });

  it('is 401 before 403: what a route needs is told to those who have a key', async () => {
    expect((await get('/forgotten')).statusCode).toBe(401);
    expect((await get('/alerts', 'Bearer key-of-writer')).json()).toMatchObject({
      detail: 'the key lacks the scope alerts:read',
    });
  });

  it('is open without a key where a route says so', async () => {
    expect((await get('/alerts/help')).statusCode).toBe(200);
  });

  it('gives the route its caller, and the scheme in any case of letters', async () => {
    expect((await get('/alerts', 'bearer key-of-reader')).json()).toEqual({ tenant: 'acme' });
  });

  it('can be asked of a handler, for the inventory of routes', () => {
    expect(declaredAccess(handlerOf(AlertsRoutes, 'list'), AlertsRoutes)).toBe('alerts:read');
    expect(declaredAccess(handlerOf(AlertsRoutes, 'undo'), AlertsRoutes)).toBe('actions:write');
    expect(declaredAccess(handlerOf(AlertsRoutes, 'help'), AlertsRoutes)).toBe('open');
    expect(declaredAccess(handlerOf(ForgottenRoutes, 'list'), ForgottenRoutes)).toBeUndefined();
  });
});

function handlerOf(controller: { readonly prototype: object }, name: string): object {
  return Reflect.get(controller.prototype, name) as object;
}

function quiet(): void {
  return undefined;
}
