import { createParamDecorator, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Caller, Scope } from '@watchkeeper/domain';
import { problems } from './problem';

const ACCESS = 'watchkeeper:access';

/** Who is behind a key; the registry answers in production, a table in tests. */
export abstract class Authenticator {
  abstract authenticate(key: string): Promise<Caller | undefined>;
}

/** The route needs a key with this scope (or `admin`). */
export const RequireScope = (scope: Scope) => SetMetadata(ACCESS, scope);

/** The route needs no key. */
export const Open = () => SetMetadata(ACCESS, 'open');

/** The caller, as the guard found him. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = requestOf(context).caller;
  if (!caller) throw problems.unauthenticated();
  return caller;
});

interface WithCaller extends FastifyRequest {
  caller?: Caller;
}

const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<WithCaller>();

/** Denies by default: a route that declares nothing is closed to everyone. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Scope | 'open' | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'open') return true;
    const request = requestOf(context);
    const key = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const caller = key === undefined ? undefined : await this.authenticator.authenticate(key);
    if (!caller) throw problems.unauthenticated();
    if (access === undefined) throw problems.forbidden('admin');
    if (!caller.scopes.includes(access) && !caller.scopes.includes('admin')) throw problems.forbidden(access);
    request.caller = caller;
    return true;
  }
}

/** The scope a handler declares, for the route inventory test. */
export function declaredAccess(handler: object, controller: object): Scope | 'open' | undefined {
  return (Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller)) as
    Scope | 'open' | undefined;
}
