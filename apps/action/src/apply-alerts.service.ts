import { Injectable, Logger } from '@nestjs/common';
import { ActionStore, type Applied } from '@watchkeeper/action-store';
import {
  actionChangeSchema,
  alertSchema,
  conversationKey,
  GROUPS,
  TOPICS,
  type ActionChange,
  type Alert,
} from '@watchkeeper/domain';
import { EventLog, type NewRecord, type RecordBatch, type Subscription } from '@watchkeeper/event-log';
import { ActionMetrics } from './action-metrics';
import { ActionSettings } from './action.settings';
import { Clock } from './clock';
import { deadLetterOf, jsonBytes, readRecord } from './read-record';

/** Alerts in, actions in force: the one place where an alert takes effect. */
@Injectable()
export class ApplyAlertsService {
  private readonly logger = new Logger(ApplyAlertsService.name);
  private subscriptions: readonly Subscription[] = [];

  constructor(
    private readonly log: EventLog,
    private readonly store: ActionStore,
    private readonly metrics: ActionMetrics,
    private readonly settings: ActionSettings,
    private readonly clock: Clock,
  ) {}

  async start(): Promise<void> {
    const { recordsMax } = this.settings.apply;
    const common = { group: GROUPS.apply, recordsMax } as const;
    this.subscriptions = await Promise.all([
      this.log.subscribe({ ...common, topics: [TOPICS.alerts], handle: (batch) => this.applyBatch(batch) }),
      this.log.subscribe({ ...common, topics: [TOPICS.actions], handle: (batch) => this.followUndos(batch) }),
    ]);
  }

  async stop(): Promise<void> {
    const subscriptions = this.subscriptions;
    this.subscriptions = [];
    await Promise.all(subscriptions.map((subscription) => subscription.stop()));
  }

  /**
   * The store first, then the log: what the log says was applied is in force. A batch that comes again finds its alerts
   * applied, and gives the same records, whose ids the log knows.
   */
  async applyBatch(batch: RecordBatch): Promise<readonly NewRecord[]> {
    const startedAtMs = this.clock.nowMs();
    const { alerts, unreadable } = this.readAlerts(batch);
    const applied = await this.store.applyAll(alerts, startedAtMs);
    const doneAtMs = this.clock.nowMs();
    const firsts = applied.filter(({ isFirst }) => isFirst);
    for (const { alert } of firsts) this.metrics.applied(doneAtMs - Date.parse(alert.acceptedAt));
    this.logger.debug({
      message: 'alerts applied',
      alerts: firsts.length,
      repeated: applied.length - firsts.length,
      unreadable: unreadable.length,
      tookMs: doneAtMs - startedAtMs,
    });
    return [...applied.flatMap(toRecords), ...unreadable];
  }

  /** An undo stands in the log before the store; who died in between, or in another process, is followed here. */
  async followUndos(batch: RecordBatch): Promise<void> {
    for (const record of batch.records) {
      const change = readRecord(actionChangeSchema, record);
      if (change.ok && change.value.change === 'undone') await this.store.undo(change.value);
    }
  }

  private readAlerts(batch: RecordBatch): { readonly alerts: readonly Alert[]; readonly unreadable: NewRecord[] } {
    const alerts: Alert[] = [];
    const unreadable: NewRecord[] = [];
    for (const record of batch.records) {
      const alert = readRecord(alertSchema, record);
      const fault = alert.ok ? faultIn(alert.value) : `not an alert: ${alert.faults[0]?.pointer ?? ''}`;
      if (alert.ok && fault === undefined) {
        alerts.push(alert.value);
        continue;
      }
      const why = { reason: fault ?? 'not an alert', tries: batch.redeliveries + 1, failedAtMs: this.clock.nowMs() };
      unreadable.push(deadLetterOf(record, why));
      this.metrics.unreadable(batch.topic);
    }
    return { alerts, unreadable };
  }
}

/** An alert whose instants cannot be read would be in force for ever, or never. */
function faultIn(alert: Alert): string | undefined {
  const instants = [alert.acceptedAt, alert.judgedAt, ...alert.actions.flatMap(({ expiresAt }) => expiresAt ?? [])];
  return instants.some((at) => Number.isNaN(Date.parse(at))) ? 'not an alert: an instant is not readable' : undefined;
}

function toRecords({ alert, actions }: Applied): NewRecord[] {
  return actions.map((action) => {
    const change: ActionChange = { v: 1, change: 'applied', action, acceptedAt: alert.acceptedAt };
    return {
      topic: TOPICS.actions,
      key: conversationKey(action.tenant, action.conversationId),
      id: `${action.id}:applied`,
      value: jsonBytes(change),
    };
  });
}
