import { Injectable } from '@nestjs/common';
import { ActionStore } from '@watchkeeper/action-store';
import {
  acceptedEventSchema,
  eventUid,
  GROUPS,
  TOPICS,
  weekOf,
  type AcceptedEvent,
  type AppliedAlert,
  type Verdict,
} from '@watchkeeper/domain';
import { EventLog, type Position } from '@watchkeeper/event-log';
import { Lakehouse } from '@watchkeeper/lakehouse';

/** Finds the verdict on an event by the model and policy in force. */
export abstract class VerdictFinder {
  abstract find(tenant: string, uid: string): Promise<Verdict | undefined>;
}

/** How far an event got. A step that has not happened yet is null. */
export interface EventTrail {
  readonly id: string;
  readonly source: string;
  readonly type: AcceptedEvent['type'];
  readonly conversationId: string;
  readonly status: 'accepted' | 'judged' | 'alerted' | 'acted' | 'landed';
  readonly accepted: { readonly at: string; readonly partition: number; readonly offset: number };
  /** `flagged` is null where there are no scores, or where they are not at hand: that is never the same as harmless. */
  readonly judged: { readonly at?: string; readonly outcome: string; readonly flagged: boolean | null } | null;
  readonly alert: {
    readonly id: string;
    readonly category: string;
    readonly severity: string;
    readonly score: number;
  } | null;
  readonly action: {
    readonly appliedAt: string;
    readonly actions: readonly { id: string; kind: string; subject: string }[];
  } | null;
  readonly landed: boolean;
  /** The ISO week of the report it counts in. */
  readonly week: string;
}

/** Follows one event through log, stream, actions and lake. */
@Injectable()
export class TrackEventService {
  constructor(
    private readonly log: EventLog,
    private readonly actions: ActionStore,
    private readonly lakehouse: Lakehouse,
    private readonly verdicts: VerdictFinder,
  ) {}

  async track(tenant: string, source: string, id: string): Promise<EventTrail | undefined> {
    const uid = eventUid(tenant, source, id);
    const position = await this.log.find(TOPICS.events, uid);
    if (!position) return undefined;
    const [record] = await this.log.read(position, { recordsMax: 1 });
    if (record?.offset !== position.offset) return undefined;
    const event = acceptedEventSchema.parse(JSON.parse(Buffer.from(record.value).toString('utf8')));
    const [judged, alert, landed] = await Promise.all([
      event.type === 'turn' ? this.judged(tenant, uid, position) : undefined,
      this.alertOn(tenant, uid, id),
      this.isLanded(position),
    ]);
    return trailOf({ event, position, judged, alert, landed });
  }

  private async judged(tenant: string, uid: string, position: Position): Promise<EventTrail['judged']> {
    const committed = await this.log.committed(TOPICS.events, GROUPS.judge);
    if ((committed[position.partition] ?? 0) <= position.offset) return null;
    const verdict = await this.verdicts.find(tenant, uid);
    // Judged by a model or policy of the past: that it was is known, how is in the lake.
    if (!verdict) return { outcome: 'unknown', flagged: null };
    return {
      at: verdict.judgedAt,
      outcome: verdict.outcome,
      flagged: verdict.outcome === 'scored' ? verdict.flagged : null,
    };
  }

  private async alertOn(tenant: string, uid: string, eventId: string): Promise<AppliedAlert | undefined> {
    const { alerts } = await this.actions.alerts(tenant, { eventId }, { size: 20 });
    return alerts.find((alert) => alert.eventUid === uid);
  }

  private async isLanded(position: Position): Promise<boolean> {
    const offsets = await this.lakehouse.landed(TOPICS.events);
    return (offsets[position.partition] ?? 0) > position.offset;
  }
}

function trailOf(found: {
  readonly event: AcceptedEvent;
  readonly position: Position;
  readonly judged: EventTrail['judged'] | undefined;
  readonly alert: AppliedAlert | undefined;
  readonly landed: boolean;
}): EventTrail {
  const { event, position, judged, alert, landed } = found;
  const reached = [
    landed && 'landed',
    alert && alert.actions.length > 0 && 'acted',
    alert && 'alerted',
    judged && 'judged',
  ] as const;
  return {
    id: event.id,
    source: event.source,
    type: event.type,
    conversationId: event.conversationId,
    status: reached.find((step) => typeof step === 'string') ?? 'accepted',
    accepted: { at: event.acceptedAt, partition: position.partition, offset: position.offset },
    judged: judged && alert ? { ...judged, flagged: true } : (judged ?? null),
    alert: alert ? { id: alert.id, category: alert.category, severity: alert.severity, score: alert.score } : null,
    action:
      alert && alert.actions.length > 0
        ? { appliedAt: alert.appliedAt, actions: alert.actions.map(({ id, kind, subject }) => ({ id, kind, subject })) }
        : null,
    landed,
    week: weekOf(Date.parse(event.saidAt)),
  };
}
