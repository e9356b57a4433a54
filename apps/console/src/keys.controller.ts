import { Controller, Delete, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { identifierSchema, instantSchema, OPERATOR_TENANT, SCOPES, type Caller } from '@watchkeeper/domain';
import { CurrentCaller, problems, RequireScope } from '@watchkeeper/platform';
import { Registry, type KeyInfo } from '@watchkeeper/registry';
import { readSetting } from './read-setting';

const newKeySchema = z.strictObject({
  name: identifierSchema,
  scopes: z.array(z.enum(SCOPES)).min(1),
  expiresAt: instantSchema.optional(),
  tenant: identifierSchema.optional(),
});

/**
 * API keys: made, listed, revoked. The key itself is shown once. A tenant's admin looks after the keys of that tenant;
 * the operator's tenant may name another, which is how a tenant gets its first key.
 */
@Controller('v1/keys')
@RequireScope('admin')
export class KeysController {
  constructor(private readonly registry: Registry) {}

  @Post()
  @HttpCode(201)
  @Header('cache-control', 'no-store')
  async create(@Req() request: FastifyRequest, @CurrentCaller() caller: Caller): Promise<KeyInfo & { key: string }> {
    const { name, scopes, expiresAt, tenant } = await readSetting(newKeySchema, request);
    const owner = tenantOf(caller, tenant);
    const { key, info } = await this.registry.createKey({
      tenant: owner,
      name,
      scopes,
      ...(expiresAt && { expiresAt }),
    });
    return { ...info, key };
  }

  @Get()
  @Header('cache-control', 'no-store')
  async list(@CurrentCaller() caller: Caller, @Query('tenant') tenant?: string): Promise<{ keys: readonly KeyInfo[] }> {
    return { keys: await this.registry.keys(tenantOf(caller, tenant)) };
  }

  @Delete(':keyId')
  @HttpCode(204)
  async revoke(
    @Param('keyId') keyId: string,
    @CurrentCaller() caller: Caller,
    @Query('tenant') tenant?: string,
  ): Promise<void> {
    const isKnown = await this.registry.revokeKey(tenantOf(caller, tenant), keyId);
    if (!isKnown) throw problems.notFound('there is no such key');
  }
}

/** Whose keys are meant. To anyone but the operator other tenants do not exist. */
function tenantOf(caller: Caller, asked: string | undefined): string {
  if (asked === undefined || asked === caller.tenant) return caller.tenant;
  if (caller.tenant !== OPERATOR_TENANT) throw problems.notFound('there is no such tenant');
  if (!identifierSchema.safeParse(asked).success || asked.includes('/')) {
    throw problems.badRequest('a tenant has a name of 1 to 256 characters, without control characters and slashes');
  }
  return asked;
}
