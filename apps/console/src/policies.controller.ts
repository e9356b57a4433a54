import { Controller, Get, Header, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { policyRef, policySchema, TOPICS, type Caller, type Policy, type PolicyRef } from '@watchkeeper/domain';
import { EventLog } from '@watchkeeper/event-log';
import { CurrentCaller, RequireScope } from '@watchkeeper/platform';
import { Registry } from '@watchkeeper/registry';
import { ProjectRegistryService } from './project-registry.service';
import { readSetting } from './read-setting';

interface PolicyInForce {
  readonly policy: Policy;
  readonly ref: PolicyRef;
}

/** The policy that judges the caller's tenant. A change goes through the log first, so that it is never lost. */
@Controller('v1/policy')
export class PoliciesController {
  constructor(
    private readonly registry: Registry,
    private readonly log: EventLog,
    private readonly projection: ProjectRegistryService,
  ) {}

  @Get()
  @RequireScope('reports:read')
  @Header('cache-control', 'no-store')
  async inForce(@CurrentCaller() { tenant }: Caller): Promise<PolicyInForce> {
    const policy = await this.registry.policyFor(tenant);
    return { policy, ref: policyRef(policy) };
  }

  @Put()
  @RequireScope('admin')
  async set(@Req() request: FastifyRequest, @CurrentCaller() { tenant, keyId }: Caller): Promise<PolicyInForce> {
    const policy = await readSetting(policySchema, request);
    const value = Buffer.from(JSON.stringify({ v: 1, tenant, policy, setBy: keyId, setAt: new Date().toISOString() }));
    const [appended] = await this.log.append([{ topic: TOPICS.policies, key: `${tenant}/${policy.id}`, value }]);
    await this.projection.reached(appended!.position);
    return { policy, ref: policyRef(policy) };
  }
}
