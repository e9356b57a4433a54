import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { GROUPS, TOPICS } from '@watchkeeper/domain';
import { EventLog, type StoredRecord } from '@watchkeeper/event-log';
import { DeadLettersService } from './dead-letters.service';
import { StreamMetrics } from './stream-metrics';
import { letterOf, UNCLASSIFIED } from './stream-records';
import { StreamSettings } from './stream.settings';

interface Pending {
  readonly id: string;
  tries: number;
  nextAtMs: number;
}

const READ_LIMITS = { recordsMax: 200, bytesMax: 8 * 1024 * 1024 } as const;
const BACKOFF_FACTOR = 4;

/**
 * Judges again, later, what got no scores: a text that failed once may pass another time or another model.
 * The dead-letters topic is its memory: after a restart it is read from its beginning, and what has a scored verdict by then is done.
 */
@Injectable()
export class RetryUnclassifiedService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(RetryUnclassifiedService.name);
  private readonly pending = new Map<string, Pending>();
  /** Next offset to look at, per partition of the dead letters. */
  private readonly offsets = new Map<number, number>();
  private timer?: NodeJS.Timeout;
  private underWay: Promise<void> | undefined;
  private isStopping = false;

  constructor(
    private readonly log: EventLog,
    private readonly letters: DeadLettersService,
    private readonly settings: StreamSettings,
    private readonly metrics: StreamMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.runOnce(), this.settings.retryIntervalMs).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.underWay;
  }

  /** Looks for what is new and judges what is due; never two at a time. Does not throw. */
  runOnce(): Promise<void> {
    this.underWay ??= this.run().finally(() => {
      this.underWay = undefined;
    });
    return this.underWay;
  }

  private async run(): Promise<void> {
    try {
      await this.look();
      await this.judgeDue();
    } catch {
      // The classifier or the log is out of order; nothing was counted as a try, and the next run comes.
      this.logger.warn({ message: 'judging again was put off', pending: this.pending.size });
    }
  }

  private async look(): Promise<void> {
    for (const { partition, start, end } of await this.log.bounds(TOPICS.deadLetters)) {
      let offset = Math.max(start, this.offsets.get(partition) ?? 0);
      while (offset < end && this.pending.size < this.settings.retriesPendingMax && !this.isStopping) {
        const records = await this.log.read({ topic: TOPICS.deadLetters, partition, offset }, READ_LIMITS);
        const last = records.at(-1);
        if (!last) break;
        for (const record of records) this.remember(record);
        offset = last.offset + 1;
        this.offsets.set(partition, offset);
      }
    }
  }

  private remember(record: StoredRecord): void {
    const letter = letterOf(record);
    if (letter?.group !== GROUPS.judge || !letter.reason.startsWith(UNCLASSIFIED)) return;
    const nextAtMs = Date.parse(letter.failedAt) + this.settings.retryDelayMs;
    this.pending.set(letter.id, { id: letter.id, tries: 0, nextAtMs });
  }

  private async judgeDue(): Promise<void> {
    for (const pending of [...this.pending.values()]) {
      const nowMs = this.settings.now().getTime();
      if (this.isStopping) return;
      if (pending.nextAtMs > nowMs) continue;
      const [replayed] = await this.letters.replay([pending.id]);
      if (replayed?.outcome === 'unclassified') {
        this.postpone(pending, nowMs);
      } else {
        this.pending.delete(pending.id);
        if (replayed?.outcome === 'scored') this.metrics.retried('scored', 1);
      }
    }
  }

  private postpone(pending: Pending, nowMs: number): void {
    pending.tries++;
    if (pending.tries < this.settings.retriesMax) {
      pending.nextAtMs = nowMs + this.settings.retryDelayMs * BACKOFF_FACTOR ** pending.tries;
      this.metrics.retried('unclassified', 1);
      return;
    }
    // Its unclassified verdict and its dead letter stay, to be seen and replayed by hand.
    this.pending.delete(pending.id);
    this.metrics.retried('given-up', 1);
    this.logger.warn({ message: 'an unclassified turn was given up', deadLetter: pending.id, tries: pending.tries });
  }
}
