import { Injectable, Logger } from '@nestjs/common';
import type { Delivery } from '@watchkeeper/action-store';
import { ActionMetrics } from './action-metrics';
import { ActionSettings } from './action.settings';
import { Clock } from './clock';
import { EndpointHealth } from './endpoint-health';
import { WebhookEndpoints } from './webhook-endpoints';
import { nextStep, type NextStep, type WebhookAnswer } from './webhook-schedule';
import { WebhookSender } from './webhook-sender';

export type Settlement = 'done' | { readonly dueAtMs: number; readonly attempts: number };

/** One delivery, one call: made, put off, or dropped because nobody wants it any more. */
@Injectable()
export class AttemptDeliveryService {
  private readonly logger = new Logger(AttemptDeliveryService.name);
  private readonly health: EndpointHealth;

  constructor(
    private readonly endpoints: WebhookEndpoints,
    private readonly sender: WebhookSender,
    private readonly metrics: ActionMetrics,
    private readonly clock: Clock,
    settings: ActionSettings,
  ) {
    this.health = new EndpointHealth(settings.webhooks);
  }

  async attempt(delivery: Delivery): Promise<Settlement> {
    const { id, tenant, endpointId, body, attempts } = delivery;
    const endpoint = (await this.endpoints.list(tenant)).find((known) => known.id === endpointId);
    if (!endpoint || endpoint.disabledAt !== undefined) {
      this.metrics.webhook('disabled');
      return 'done';
    }
    const startedAtMs = this.clock.nowMs();
    const entered = this.health.enter(endpointId, startedAtMs);
    if (!entered.may) {
      this.metrics.webhook('postponed');
      return { dueAtMs: entered.notBeforeMs, attempts };
    }
    const answer = await this.sender.send({ url: endpoint.url, secret: endpoint.secret, id, body, atMs: startedAtMs });
    const now = { nowMs: this.clock.nowMs(), random: this.clock.random() };
    const next = nextStep(answer, attempts + 1, now);
    this.health.leave(endpointId, next.step === 'delivered', now.nowMs);
    return this.settlement(delivery, next, answer);
  }

  private async settlement(delivery: Delivery, next: NextStep, answer: WebhookAnswer): Promise<Settlement> {
    const { tenant, endpointId, attempts } = delivery;
    const facts = { deliveryId: delivery.id, endpointId, calls: attempts + 1, answer: toldOf(answer) };
    switch (next.step) {
      case 'delivered':
        this.metrics.webhook('delivered');
        return 'done';
      case 'gone':
        this.metrics.webhook('disabled');
        this.logger.warn({ message: 'webhook endpoint disabled', ...facts });
        await this.endpoints.disable(tenant, endpointId, 'the endpoint answered 410 Gone');
        return 'done';
      case 'given-up':
        this.metrics.webhook('given-up');
        this.logger.warn({ message: 'webhook given up', ...facts });
        // One message that is refused while others arrive is no reason to call no more.
        if (this.health.isBroken(endpointId)) {
          await this.endpoints.disable(tenant, endpointId, `calls failed for three days, at last: ${facts.answer}`);
        }
        return 'done';
      case 'again':
        this.metrics.webhook('failed');
        return { dueAtMs: next.dueAtMs, attempts: attempts + 1 };
      default:
        return next satisfies never;
    }
  }
}

function toldOf(answer: WebhookAnswer): string {
  return answer.outcome === 'answered' ? `status ${answer.status}` : answer.reason;
}
