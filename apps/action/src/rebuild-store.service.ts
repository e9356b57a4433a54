import { Injectable, Logger } from '@nestjs/common';
import { ActionStore } from '@watchkeeper/action-store';
import { actionChangeSchema, alertSchema, GROUPS, TOPICS, type Alert, type AppliedAlert } from '@watchkeeper/domain';
import { EventLog, type StoredRecord } from '@watchkeeper/event-log';
import { ActionSettings } from './action.settings';
import { readRecord } from './read-record';

const BATCH_BYTES_MAX = 8 * 1024 * 1024;

/**
 * The action store can be lost: at each start it is compared with the log, and built anew when it is not of this log.
 * What waits to be delivered to webhooks is not in the log and is lost with the store.
 */
@Injectable()
export class RebuildStoreService {
  private readonly logger = new Logger(RebuildStoreService.name);
  private isBuilt = false;

  constructor(
    private readonly log: EventLog,
    private readonly store: ActionStore,
    private readonly settings: ActionSettings,
  ) {}

  /** Until the store holds all of the log, "nothing in force" could be wrong: nobody is told so. */
  get isReady(): boolean {
    return this.isBuilt;
  }

  /** Stopped half way, it begins again at the next start: the store says what it was built from only at the end. */
  async run(): Promise<void> {
    const identity = await this.log.identity();
    if ((await this.store.builtFrom()) !== identity) await this.rebuild(identity);
    this.isBuilt = true;
  }

  private async rebuild(identity: string): Promise<void> {
    const startedAtMs = Date.now();
    await this.store.clear();
    // Changes first: they know when an alert was applied.
    const changes = await this.replayChanges();
    const alerts = await this.replayAlerts();
    await this.store.setBuiltFrom(identity);
    this.logger.log({
      message: 'action store rebuilt from the log',
      alerts,
      changes,
      tookMs: Date.now() - startedAtMs,
    });
  }

  private async replayChanges(): Promise<number> {
    let replayed = 0;
    const ends = (await this.log.bounds(TOPICS.actions)).map(({ end }) => end);
    for await (const records of this.records(TOPICS.actions, ends)) {
      const changes = records.flatMap((record) => {
        const change = readRecord(actionChangeSchema, record);
        return change.ok ? [{ change: change.value }] : [];
      });
      await this.store.replay(changes);
      replayed += changes.length;
    }
    return replayed;
  }

  /** Only what the group has committed: the rest is still to be applied, as always. */
  private async replayAlerts(): Promise<number> {
    let replayed = 0;
    const ends = await this.log.committed(TOPICS.alerts, GROUPS.apply);
    for await (const records of this.records(TOPICS.alerts, ends)) {
      const alerts = records.flatMap((record) => {
        const alert = readRecord(alertSchema, record);
        return alert.ok ? [alert.value] : [];
      });
      const applied = await Promise.all(alerts.map((alert) => this.asApplied(alert)));
      await this.store.replay(applied.map((alert) => ({ alert })));
      replayed += applied.length;
    }
    return replayed;
  }

  private async asApplied(alert: Alert): Promise<AppliedAlert> {
    const [first] = alert.actions;
    const action = first && (await this.store.action(alert.tenant, first.id));
    return { ...alert, appliedAt: action?.appliedAt ?? alert.judgedAt };
  }

  private async *records(topic: string, ends: readonly number[]): AsyncGenerator<readonly StoredRecord[]> {
    const limits = { recordsMax: this.settings.apply.replayRecordsMax, bytesMax: BATCH_BYTES_MAX };
    for (const { partition, start } of await this.log.bounds(topic)) {
      const end = ends[partition] ?? 0;
      for (let offset = start; offset < end;) {
        const records = await this.log.read({ topic, partition, offset }, limits);
        const last = records.at(-1);
        if (!last) break;
        yield records.filter((record) => record.offset < end);
        offset = last.offset + 1;
      }
    }
  }
}
