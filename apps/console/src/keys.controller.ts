import { Controller, Delete, Get, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { identifierSchema, instantSchema, SCOPES, type Caller } from '@watchkeeper/domain';
import { CurrentCaller, problems, RequireScope } from '@watchkeeper/platform';
import { Registry, type KeyInfo } from '@watchkeeper/registry';
import { readSetting } from './read-setting';

const newKeySchema = z.strictObject({
  name: identifierSchema,
  scopes: z.array(z.enum(SCOPES)).min(1),
  expiresAt: instantSchema.optional(),
});

/** API keys of the caller's tenant: made, listed, revoked. The key itself is shown once. */
@Controller('v1/keys')
@RequireScope('admin')
export class KeysController {
  constructor(private readonly registry: Registry) {}

  @Post()
  @HttpCode(201)
  @Header('cache-control', 'no-store')
  async create(
    @Req() request: FastifyRequest,
    @CurrentCaller() { tenant }: Caller,
  ): Promise<KeyInfo & { key: string }> {
    const { name, scopes, expiresAt } = await readSetting(newKeySchema, request);
    const { key, info } = await this.registry.createKey({ tenant, name, scopes, ...(expiresAt && { expiresAt }) });
    return { ...info, key };
  }

  @Get()
  @Header('cache-control', 'no-store')
  async list(@CurrentCaller() { tenant }: Caller): Promise<{ keys: readonly KeyInfo[] }> {
    return { keys: await this.registry.keys(tenant) };
  }

  @Delete(':keyId')
  @HttpCode(204)
  async revoke(@Param('keyId') keyId: string, @CurrentCaller() { tenant }: Caller): Promise<void> {
    if (!(await this.registry.revokeKey(tenant, keyId))) throw problems.notFound('there is no such key');
  }
}
