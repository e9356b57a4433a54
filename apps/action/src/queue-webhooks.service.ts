import { Injectable } from '@nestjs/common';
import { ActionStore, type Delivery } from '@watchkeeper/action-store';
import { actionChangeSchema, GROUPS, sha256, TOPICS, type Action } from '@watchkeeper/domain';
import { EventLog, type RecordBatch, type Subscription } from '@watchkeeper/event-log';
import { ActionSettings } from './action.settings';
import { Clock } from './clock';
import { readRecord } from './read-record';
import { WebhookEndpoints } from './webhook-endpoints';
import { wireAlert } from './wire-alert';

/**
 * Applied `notify` actions in, webhook calls queued. A group of its own: when the endpoints cannot be read, calls wait
 * and the actions do not.
 */
@Injectable()
export class QueueWebhooksService {
  private subscription: Subscription | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly store: ActionStore,
    private readonly endpoints: WebhookEndpoints,
    private readonly settings: ActionSettings,
    private readonly clock: Clock,
  ) {}

  async start(): Promise<void> {
    this.subscription = await this.log.subscribe({
      topics: [TOPICS.actions],
      group: GROUPS.webhooks,
      recordsMax: this.settings.apply.recordsMax,
      handle: (batch) => this.queueBatch(batch),
    });
  }

  async stop(): Promise<void> {
    const subscription = this.subscription;
    this.subscription = undefined;
    await subscription?.stop();
  }

  /** The id of a delivery follows from alert and endpoint: a batch that comes again queues nothing twice. */
  async queueBatch(batch: RecordBatch): Promise<void> {
    const deliveries: Delivery[] = [];
    for (const record of batch.records) {
      const change = readRecord(actionChangeSchema, record);
      if (!change.ok || change.value.change !== 'applied' || change.value.action.kind !== 'notify') continue;
      deliveries.push(...(await this.deliveriesOf(change.value.action)));
    }
    await this.store.enqueue(deliveries);
  }

  private async deliveriesOf({ tenant, alertId }: Action): Promise<Delivery[]> {
    const alert = await this.store.alert(tenant, alertId);
    // Swept: so old that nobody waits for it.
    if (!alert) return [];
    const endpoints = await this.endpoints.list(tenant);
    const body = JSON.stringify({ type: 'alert.created', timestamp: alert.appliedAt, data: wireAlert(alert) });
    const dueAtMs = this.clock.nowMs();
    return endpoints
      .filter(({ disabledAt }) => disabledAt === undefined)
      .map(({ id }) => ({ id: deliveryId(alertId, id), tenant, endpointId: id, body, attempts: 0, dueAtMs }));
  }
}

function deliveryId(alertId: string, endpointId: string): string {
  return `msg_${sha256(JSON.stringify([alertId, endpointId])).slice(0, 32)}`;
}
