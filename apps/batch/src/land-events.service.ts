import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError } from '@watchkeeper/domain';
import { BatchHealth, reasonOf } from './batch-health';
import { BatchSettings, Clock } from './batch.settings';
import { LandTopicsService, type Offsets } from './land-topics.service';
import { OneAtATime } from './one-at-a-time';
import { ReviseReportsService } from './revise-reports.service';

/** The loop looks this many times in one landing interval. */
const LOOKS_PER_INTERVAL = 8;
/** Someone else may land the same topics for a moment, e.g. while one process takes over from another. */
const FENCED_RETRIES_MAX = 5;

/**
 * Log → bronze → silver → gold → report, again and again: the one loop of the batch.
 * It never stops for good: after an error it waits, asks the table where it stands, and goes on.
 */
@Injectable()
export class LandEventsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(LandEventsService.name);
  private readonly turn = new OneAtATime();
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;
  private landedAtMs = Number.NEGATIVE_INFINITY;
  private refreshedAtMs = Number.NEGATIVE_INFINITY;
  /** At the start too: whoever ran before may have landed and died before the refresh. */
  private isRefreshNeeded = true;

  constructor(
    private readonly topics: LandTopicsService,
    private readonly reports: ReviseReportsService,
    private readonly health: BatchHealth,
    private readonly settings: BatchSettings,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.start();
  }

  start(): void {
    this.loop ??= this.runUntilStopped();
  }

  /** Stops the loop and lands what there is, as far as the time allows; the rest is landed at the next start. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    const late = new AbortController();
    await Promise.race([
      this.flush().catch((error: unknown) => {
        this.logger.warn({ message: 'last landing failed', reason: reasonOf(error) });
      }),
      sleep(this.settings.stopMsMax, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
  }

  /**
   * Lands everything up to the ends of the log as they are now, refreshes silver and gold and builds the reports that changed.
   * Throws when that cannot be done.
   */
  async flush(): Promise<void> {
    await this.flushThen(async () => undefined);
  }

  /** `flush`, then `look`, with no landing in between. */
  async flushThen<T>(look: (ends: Offsets) => Promise<T>): Promise<T> {
    return this.turn.run(async () => {
      const ends = await this.topics.ends();
      await this.landAll(ends);
      await this.refresh();
      await this.reports.publishAll();
      return look(ends);
    });
  }

  /** `look` while no landing or refresh is under way. */
  async undisturbed<T>(look: () => Promise<T>): Promise<T> {
    return this.turn.run(look);
  }

  /**
   * One look at the log: lands, refreshes and reports what is due. Returns whether enough waits for the next at once.
   * The lake and its reports are brought up to date even when nothing has come: the process before us may have died in between.
   */
  async runOnce(): Promise<{ readonly isMoreWaiting: boolean }> {
    return this.turn.run(async () => {
      const ends = await this.topics.ends();
      const waiting = await this.topics.waiting(ends);
      this.health.waiting(waiting);
      const rows = this.isLandingDue(waiting) ? await this.land(ends) : 0;
      if (rows > 0 && rows >= waiting) this.health.caughtUp();
      const now = this.clock.nowMs();
      if (this.isRefreshNeeded && now - this.refreshedAtMs >= this.settings.refreshIntervalMs) await this.refresh();
      await this.reports.publishDue({ isCaughtUp: rows >= waiting && !this.isRefreshNeeded });
      return { isMoreWaiting: rows > 0 && waiting - rows >= this.settings.landRowsMin };
    });
  }

  private async runUntilStopped(): Promise<void> {
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      let pauseMs = this.settings.landIntervalMs / LOOKS_PER_INTERVAL;
      try {
        const { isMoreWaiting } = await this.runOnce();
        failures = 0;
        this.health.worked('landing');
        if (isMoreWaiting) pauseMs = 0;
      } catch (error) {
        failures += 1;
        pauseMs = this.failed(error, failures);
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Returns how long to wait before the next look, ms. */
  private failed(error: unknown, failures: number): number {
    this.topics.forget();
    if (isFenced(error)) {
      this.logger.warn({ message: 'landing was fenced; the table is asked again', reason: reasonOf(error) });
      return this.settings.backoffMsMin * (0.5 + Math.random());
    }
    const { backoffMsMin, backoffMsMax } = this.settings;
    const pauseMs = Math.min(backoffMsMax, backoffMsMin * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
    this.health.failed('landing', error);
    this.logger.error({
      message: 'landing failed; it is tried again',
      failures,
      pauseMs: Math.round(pauseMs),
      reason: reasonOf(error),
    });
    return pauseMs;
  }

  private isLandingDue(waiting: number): boolean {
    const isTime = this.clock.nowMs() - this.landedAtMs >= this.settings.landIntervalMs;
    return waiting >= this.settings.landRowsMin || (waiting > 0 && isTime);
  }

  private async land(ends: Offsets): Promise<number> {
    // Before, not after: a landing that fails half way may have landed some topics.
    this.isRefreshNeeded = true;
    this.landedAtMs = this.clock.nowMs();
    return this.topics.landOnce(ends);
  }

  private async landAll(ends: Offsets): Promise<void> {
    let fenced = 0;
    this.topics.forget();
    while ((await this.topics.waiting(ends)) > 0) {
      try {
        // What retention has dropped meanwhile cannot be landed; it shows as a difference.
        if ((await this.land(ends)) === 0) return;
      } catch (error) {
        this.topics.forget();
        if (!isFenced(error) || ++fenced > FENCED_RETRIES_MAX) throw error;
      }
    }
    this.health.waiting(0);
  }

  private async refresh(): Promise<void> {
    this.refreshedAtMs = this.clock.nowMs();
    const { weeks } = await this.topics.refresh();
    this.isRefreshNeeded = false;
    this.reports.note(weeks);
  }
}

/** Known by its code: the class belongs to an adapter. */
function isFenced(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'fenced';
}
