import { Injectable } from '@nestjs/common';
import { ActionStore } from '@watchkeeper/action-store';
import { actionChangeSchema, conversationKey, TOPICS, type ActionChange, type Caller } from '@watchkeeper/domain';
import { EventLog, type Position } from '@watchkeeper/event-log';
import { problems } from '@watchkeeper/platform';
import { ActionMetrics } from './action-metrics';
import { Clock } from './clock';
import { jsonBytes, readRecord } from './read-record';

type Undo = Extract<ActionChange, { change: 'undone' }>;

export interface Undone {
  readonly id: string;
  readonly undone: true;
  readonly undoneAt: string;
  readonly reason: string;
}

/** Takes an action back. */
@Injectable()
export class UndoActionService {
  constructor(
    private readonly log: EventLog,
    private readonly store: ActionStore,
    private readonly metrics: ActionMetrics,
    private readonly clock: Clock,
  ) {}

  /**
   * The log first: what is undone stays undone when the store is lost. The record's id lets one undo in, so whoever
   * comes second, even at the same moment, is told of the first.
   */
  async undo(actionId: string, reason: string, caller: Caller): Promise<Undone> {
    const action = await this.store.action(caller.tenant, actionId);
    if (!action) throw problems.notFound('there is no such action');
    if (action.undoneAt !== undefined) return told(actionId, action.undoneAt, action.undoneReason ?? reason);

    const { tenant, subject, conversationId } = action;
    const undoneAt = new Date(this.clock.nowMs()).toISOString();
    const mine: Undo = {
      ...{ v: 1, change: 'undone', actionId, tenant, subject, conversationId },
      ...{ reason, undoneBy: caller.keyId, undoneAt },
    };
    const [appended] = await this.log.append([
      {
        topic: TOPICS.actions,
        key: conversationKey(tenant, conversationId),
        id: `${actionId}:undone`,
        value: jsonBytes(mine),
      },
    ]);
    const first = appended?.outcome === 'appended' ? mine : ((await this.read(appended?.position)) ?? mine);
    if (await this.store.undo(first)) this.metrics.undone();
    return told(actionId, first.undoneAt, first.reason);
  }

  private async read(position: Position | undefined): Promise<Undo | undefined> {
    const [record] = position ? await this.log.read(position, { recordsMax: 1 }) : [];
    if (!record || record.offset !== position?.offset) return undefined;
    const change = readRecord(actionChangeSchema, record);
    return change.ok && change.value.change === 'undone' ? change.value : undefined;
  }
}

function told(id: string, undoneAt: string, reason: string): Undone {
  return { id, undone: true, undoneAt, reason };
}
