import { Injectable } from '@nestjs/common';
import { BatchMetrics } from './batch.metrics';
import { BatchSettings, Clock } from './batch.settings';

export const BATCH_PARTS = ['landing', 'reports', 'maintenance'] as const;
export type BatchPart = (typeof BATCH_PARTS)[number];

interface Failure {
  readonly sinceMs: number;
  readonly times: number;
  readonly reason: string;
}

/** How the batch is doing: what fails, since when, and how far the lake is behind the log. */
@Injectable()
export class BatchHealth {
  private readonly failures = new Map<BatchPart, Failure>();
  private waitingRecords = 0;
  private behindSinceMs: number | undefined;

  constructor(
    private readonly settings: BatchSettings,
    private readonly clock: Clock,
    private readonly metrics: BatchMetrics,
  ) {
    metrics.readFreshness(() => this.behindSeconds());
  }

  failed(part: BatchPart, error: unknown): void {
    this.metrics.failed(part);
    const before = this.failures.get(part);
    this.failures.set(part, {
      sinceMs: before?.sinceMs ?? this.clock.nowMs(),
      times: (before?.times ?? 0) + 1,
      reason: reasonOf(error),
    });
  }

  worked(part: BatchPart): void {
    this.failures.delete(part);
  }

  /** Records that wait in the log at present. */
  waiting(records: number): void {
    this.waitingRecords = records;
    if (records === 0) this.behindSinceMs = undefined;
    else this.behindSinceMs ??= this.clock.nowMs();
  }

  /** What was waiting when it was last looked is landed; what has come since counts from now. */
  caughtUp(): void {
    this.behindSinceMs = undefined;
  }

  /** For how long records have been waiting without the lake catching up, seconds. */
  behindSeconds(): number {
    return this.behindSinceMs === undefined ? 0 : (this.clock.nowMs() - this.behindSinceMs) / 1_000;
  }

  /** Throws while the lake cannot follow the log. A report or maintenance that fails is shown, but nothing stops for it. */
  check(): void {
    const landing = this.failures.get('landing');
    const behindMs = this.behindSeconds() * 1_000;
    if (landing && landing.times > 1) {
      throw new Error(`landing has failed ${landing.times} times in a row: ${landing.reason}`);
    }
    if (behindMs > this.settings.staleMsMax) {
      throw new Error(`the lake has been behind the log for ${Math.round(behindMs / 1_000)} s`);
    }
  }

  status(): {
    readonly waitingRecords: number;
    readonly behindSeconds: number;
    readonly failures: Readonly<Partial<Record<BatchPart, { since: string; times: number; reason: string }>>>;
  } {
    return {
      waitingRecords: this.waitingRecords,
      behindSeconds: this.behindSeconds(),
      failures: Object.fromEntries(
        [...this.failures].map(([part, { sinceMs, times, reason }]) => [
          part,
          { since: new Date(sinceMs).toISOString(), times, reason },
        ]),
      ),
    };
  }
}

const REASON_LENGTH_MAX = 300;

/** Messages of ours and of the system are safe to show; those of a driver may quote the row it stumbled over. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const isOurs = error.name === 'DomainError' || 'code' in error;
  return (isOurs ? error.message : error.name).slice(0, REASON_LENGTH_MAX);
}
