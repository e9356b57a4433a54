import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { GROUPS, TOPICS, type LandedTopic } from '@watchkeeper/domain';
import { EventLog } from '@watchkeeper/event-log';
import { Lakehouse, type Maintenance } from '@watchkeeper/lakehouse';
import { BatchHealth, reasonOf } from './batch-health';
import { BatchSettings } from './batch.settings';

/**
 * What retention may drop of the log once it is landed, and the groups that must have read it first. The changes of
 * actions stay: the action store is rebuilt from them.
 */
const TRIMMED: readonly { readonly topic: LandedTopic; readonly holdFor: readonly string[] }[] = [
  { topic: TOPICS.events, holdFor: [GROUPS.judge] },
  { topic: TOPICS.verdicts, holdFor: [] },
  { topic: TOPICS.alerts, holdFor: [GROUPS.apply] },
  { topic: TOPICS.evaluations, holdFor: [] },
];

/** Compaction, old snapshots, orphans and, where asked for, the log's retention: every few minutes, beside the landings. */
@Injectable()
export class MaintainService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(MaintainService.name);
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly lakehouse: Lakehouse,
    private readonly health: BatchHealth,
    private readonly settings: BatchSettings,
  ) {}

  onApplicationBootstrap(): void {
    this.loop ??= this.runUntilStopped();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  async maintain(): Promise<Maintenance & { readonly recordsTrimmed: number }> {
    const { snapshotAgeMsMax, orphanAgeMsMin } = this.settings;
    const maintenance = await this.lakehouse.maintain({ snapshotAgeMsMax, orphanAgeMsMin });
    return { ...maintenance, recordsTrimmed: await this.trimLog() };
  }

  private async runUntilStopped(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(this.settings.maintainIntervalMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const done = await this.maintain();
        this.health.worked('maintenance');
        this.logger.log({ message: 'lake maintained', ...done });
      } catch (error) {
        this.health.failed('maintenance', error);
        this.logger.error({ message: 'maintenance failed; it is tried again', reason: reasonOf(error) });
      }
    }
  }

  /** Drops nothing that is not in bronze yet: where the table stands is asked of the table. */
  private async trimLog(): Promise<number> {
    const { logAgeMsMax, logBytesMax } = this.settings;
    if (logAgeMsMax === undefined && logBytesMax === undefined) return 0;
    const retention = {
      ...(logAgeMsMax !== undefined && { ageMsMax: logAgeMsMax }),
      ...(logBytesMax !== undefined && { bytesMax: logBytesMax }),
    };
    let dropped = 0;
    for (const { topic, holdFor } of TRIMMED) {
      const landed = await this.lakehouse.landed(topic);
      const partitions = await this.log.partitions(topic);
      const keepFrom = Array.from({ length: partitions }, (_, partition) => landed[partition] ?? 0);
      dropped += (await this.log.trim(topic, retention, { holdFor, keepFrom })).dropped;
    }
    return dropped;
  }
}
