import { randomUUID } from 'node:crypto';
import { Controller, Delete, Get, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Caller } from '@watchkeeper/domain';
import { CurrentCaller, problems, RequireScope } from '@watchkeeper/platform';
import type { WebhookEndpoint } from '@watchkeeper/registry';
import { ActionSettings } from './action.settings';
import { Clock } from './clock';
import { readBody } from './read-query';
import { WebhookEndpoints } from './webhook-endpoints';
import { WebhookSender } from './webhook-sender';

const URL_LENGTH_MAX = 2_048;

const endpointSchema = z.strictObject({ url: z.string().min(1).max(URL_LENGTH_MAX) });

/** An endpoint without its secret. */
type ListedEndpoint = Pick<WebhookEndpoint, 'id' | 'url' | 'createdAt' | 'disabledAt' | 'disabledReason'>;

/** Where the tenant's `notify` actions call. */
@Controller('v1/webhooks')
@RequireScope('admin')
export class WebhooksController {
  constructor(
    private readonly endpoints: WebhookEndpoints,
    private readonly sender: WebhookSender,
    private readonly settings: ActionSettings,
    private readonly clock: Clock,
  ) {}

  /** The secret is shown here, once. */
  @Post()
  @Header('cache-control', 'no-store')
  async create(
    @Req() request: FastifyRequest,
    @CurrentCaller() { tenant }: Caller,
  ): Promise<Pick<WebhookEndpoint, 'id' | 'url' | 'secret' | 'createdAt'>> {
    const { url } = await readBody(endpointSchema, request);
    const target = await this.sender.check(url);
    if (!target.ok) throw problems.invalid('the URL cannot be called', [{ pointer: '/url', detail: target.reason }]);
    const { endpointsPerTenantMax } = this.settings.webhooks;
    if ((await this.endpoints.list(tenant)).length >= endpointsPerTenantMax) {
      throw problems.invalid(`a tenant may have at most ${endpointsPerTenantMax} webhooks`);
    }
    const { id, secret, createdAt } = await this.endpoints.create(tenant, target.url.href);
    return { id, url: target.url.href, secret, createdAt };
  }

  @Get()
  @Header('cache-control', 'no-store')
  async list(@CurrentCaller() { tenant }: Caller): Promise<{ readonly webhooks: readonly ListedEndpoint[] }> {
    return { webhooks: (await this.endpoints.list(tenant)).map(withoutSecret) };
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id') id: string, @CurrentCaller() { tenant }: Caller): Promise<void> {
    if (!(await this.endpoints.remove(tenant, id))) throw problems.notFound('there is no such webhook');
  }

  /** Calls it now, once, with a message that says it is a test. */
  @Post(':id/test')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async test(
    @Param('id') id: string,
    @CurrentCaller() { tenant }: Caller,
  ): Promise<{ readonly delivered: boolean; readonly status?: number; readonly reason?: string }> {
    const endpoint = (await this.endpoints.list(tenant)).find((known) => known.id === id);
    if (!endpoint) throw problems.notFound('there is no such webhook');
    const atMs = this.clock.nowMs();
    const body = JSON.stringify({ type: 'webhook.test', timestamp: new Date(atMs).toISOString(), data: {} });
    const { url, secret } = endpoint;
    const answer = await this.sender.send({ url, secret, id: `msg_test_${randomUUID()}`, body, atMs });
    if (answer.outcome === 'failed') return { delivered: false, reason: answer.reason };
    return { delivered: answer.status >= 200 && answer.status < 300, status: answer.status };
  }
}

function withoutSecret({ id, url, createdAt, disabledAt, disabledReason }: WebhookEndpoint): ListedEndpoint {
  return {
    id,
    url,
    createdAt,
    ...(disabledAt !== undefined && { disabledAt }),
    ...(disabledReason !== undefined && { disabledReason }),
  };
}
