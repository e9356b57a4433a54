import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DomainError, GROUPS, TOPICS } from '@watchkeeper/domain';
import {
  EventLog,
  type NewRecord,
  type RecordBatch,
  type StoredRecord,
  type Subscription,
} from '@watchkeeper/event-log';
import { JudgeEvents, type JudgedEvent } from './judge-events';
import { StreamMetrics } from './stream-metrics';
import { deadLetterRecord, UNCLASSIFIED, UNREADABLE, verdictRecords } from './stream-records';
import { StreamSettings } from './stream.settings';

const SUMMARY_INTERVAL_MS = 60_000;

/** Turns in, verdicts and alerts out: the one place where a live turn is judged. */
@Injectable()
export class JudgeTurnsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(JudgeTurnsService.name);
  private subscription?: Subscription;
  private summaryTimer?: NodeJS.Timeout;
  private isPuttingOff = false;
  private sinceSummary = nothingYet();

  constructor(
    private readonly log: EventLog,
    private readonly judging: JudgeEvents,
    private readonly settings: StreamSettings,
    private readonly metrics: StreamMetrics,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.subscription = await this.log.subscribe({
      topics: [TOPICS.events],
      group: GROUPS.judge,
      recordsMax: this.settings.recordsMax,
      handle: (batch) => this.judgeBatch(batch),
    });
    this.summaryTimer = setInterval(() => this.summarise(), SUMMARY_INTERVAL_MS).unref();
  }

  /** Before the shutdown proper, in which the log and the classifier are closed. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.summaryTimer);
    await this.subscription?.stop();
    this.summarise();
  }

  /**
   * Gives what is to be appended, in the order of the batch: it becomes durable together with the group's position.
   * Throws while the classifier or the policies are out of order: the batch waits and comes again, and the lag shows it.
   */
  async judgeBatch(batch: RecordBatch): Promise<readonly NewRecord[]> {
    const start = performance.now();
    try {
      const judged = await this.judging.judge(
        batch.records.map((record) => ({ position: record, value: record.value })),
      );
      this.distrustSilence(judged, batch.redeliveries);
      this.recovered();
      this.count(judged, (performance.now() - start) / 1_000);
      return judged.flatMap((event, at) => this.outputsOf(event, batch.records[at]));
    } catch (error) {
      this.putOff(error);
      throw error;
    }
  }

  /** A whole batch without a single score points to the classifier even when it passes its own check. */
  private distrustSilence(judged: readonly JudgedEvent[], redeliveries: number): void {
    const turns = judged.filter(({ outcome }) => outcome === 'scored' || outcome === 'unclassified');
    const isSilent = turns.every(({ outcome }) => outcome === 'unclassified');
    const { suspiciousTurnsMin, suspiciousRedeliveriesMax } = this.settings;
    if (turns.length >= suspiciousTurnsMin && isSilent && redeliveries < suspiciousRedeliveriesMax) {
      throw new DomainError('classifier-down', `the classifier scored none of ${turns.length} turns`);
    }
  }

  private outputsOf(event: JudgedEvent, record: StoredRecord | undefined): NewRecord[] {
    const failedAt = this.settings.now().toISOString();
    switch (event.outcome) {
      case 'skipped':
        return [];
      case 'scored':
        return verdictRecords(event);
      case 'unclassified': {
        const why = { reason: `${UNCLASSIFIED}: ${event.reason}`, tries: this.settings.triesMax, failedAt };
        return [...verdictRecords(event), ...(record ? [deadLetterRecord(record, why)] : [])];
      }
      case 'unreadable': {
        // What cannot be read today cannot be read at the next delivery either.
        const why = { reason: `${UNREADABLE}: ${event.reason}`, tries: 1, failedAt };
        return record ? [deadLetterRecord(record, why)] : [];
      }
      default:
        return event satisfies never;
    }
  }

  private count(judged: readonly JudgedEvent[], seconds: number): void {
    const batch = nothingYet();
    for (const event of judged) {
      if (event.outcome === 'skipped') continue;
      batch[event.outcome]++;
      if (event.outcome !== 'scored') continue;
      const { verdict, alert } = event;
      this.metrics.verdictAge(Math.max(0, Date.parse(verdict.judgedAt) - Date.parse(verdict.acceptedAt)) / 1_000);
      if (!alert) continue;
      batch.alerts++;
      this.metrics.alerted(alert.category, alert.severity);
    }
    this.metrics.judged(batch.scored, seconds);
    if (batch.unreadable > 0) this.metrics.deadLettered(UNREADABLE, batch.unreadable);
    if (batch.unclassified > 0) this.metrics.deadLettered(UNCLASSIFIED, batch.unclassified);
    for (const name of COUNTED) this.sinceSummary[name] += batch[name];
    this.logger.debug({ message: 'batch judged', ...batch, tookMs: Math.round(seconds * 1_000) });
  }

  // One line when it begins and one when it is over, however often the batch comes meanwhile.
  private putOff(error: unknown): void {
    this.metrics.putOff();
    if (this.isPuttingOff) return;
    this.isPuttingOff = true;
    this.logger.warn({ message: 'judging was put off', code: codeOf(error) });
  }

  private recovered(): void {
    if (this.isPuttingOff) this.logger.log({ message: 'judging went on' });
    this.isPuttingOff = false;
  }

  private summarise(): void {
    if (COUNTED.every((name) => this.sinceSummary[name] === 0)) return;
    this.logger.log({ message: 'turns judged', ...this.sinceSummary });
    this.sinceSummary = nothingYet();
  }
}

const COUNTED = ['scored', 'alerts', 'unclassified', 'unreadable'] as const;

function nothingYet(): Record<(typeof COUNTED)[number], number> {
  return { scored: 0, alerts: 0, unclassified: 0, unreadable: 0 };
}

// The code alone: a message of unknown origin may quote what was said.
function codeOf(error: unknown): string {
  return error instanceof DomainError ? error.code : 'unknown';
}
