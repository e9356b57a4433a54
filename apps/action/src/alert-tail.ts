import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { GROUPS, TOPICS } from '@watchkeeper/domain';
import type { EventLog } from '@watchkeeper/event-log';
import type { AppliedAlerts, AppliedSlice } from './applied-alerts';
import { logMark, type StreamCursor } from './stream-cursor';

/** Longest wait for the log to say that there is something new; a stop waits as long. */
const TAIL_WAIT_MS = 250;
/** Alerts are in the log, their actions not yet in force: looked at again after 1, 2, 4 … ms. */
const COMMIT_WAIT_MS_MAX = 64;
const FAILURE_WAIT_MS = 500;

export interface TailListener {
  /** The tail ends when nobody wants it, and starts anew with whoever asks for its position. */
  isWanted(): boolean;
  /** Must not wait: the tail has passed the slice when it returns. */
  tell(slice: AppliedSlice, at: { readonly partition: number; readonly before: StreamCursor }): void;
}

/** One reader of safety.alerts for all clients of a process, up to where the alerts' actions are in force. */
export class AlertTail {
  private readonly logger = new Logger(AlertTail.name);
  private current: { readonly log: string; readonly offsets: number[] } | undefined;
  private isRunning = false;
  private isStopped = false;
  private run: Promise<void> = Promise.resolve();
  private changed: Promise<void> | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly log: EventLog,
    private readonly alerts: AppliedAlerts,
    private readonly listener: TailListener,
  ) {}

  /** Where it stands at this moment; undefined when it does not run. */
  get position(): StreamCursor | undefined {
    return this.current;
  }

  /** Starts it if need be; undefined only once stopped. */
  async started(): Promise<StreamCursor | undefined> {
    if (!this.isRunning && !this.isStopped) {
      this.isRunning = true;
      this.run = this.follow();
    }
    while (!this.current && this.isRunning) await this.moved();
    return this.current;
  }

  /** Resolves after its next look at the log. */
  async moved(): Promise<void> {
    if (this.isStopped) return;
    await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake();
    await this.run;
  }

  private async follow(): Promise<void> {
    let waitMs = 1;
    while (!this.isStopped && this.listener.isWanted()) {
      try {
        // Asked before the look, so that what comes after the look is not slept through.
        const changed = this.nextChange();
        const committed = await this.log.committed(TOPICS.alerts, GROUPS.apply);
        this.current ??= { log: logMark(await this.log.identity()), offsets: [...committed] };
        const hasMoved = await this.advance(this.current.offsets, committed);
        this.wake();
        if (hasMoved) waitMs = 1;
        else if (await this.isAwaited(committed)) await pause((waitMs = Math.min(waitMs * 2, COMMIT_WAIT_MS_MAX)));
        else await this.untilChanged(changed);
      } catch (error) {
        this.logger.warn({ message: 'alert stream could not read the log', reason: reasonOf(error) });
        await pause(FAILURE_WAIT_MS);
      }
    }
    // In the same step as the look above, or a client could join a tail that has ended.
    this.isRunning = false;
    this.current = undefined;
    this.wake();
  }

  private async advance(offsets: number[], committed: readonly number[]): Promise<boolean> {
    let hasMoved = false;
    for (const [partition, end] of committed.entries()) {
      for (let from = offsets[partition] ?? 0; from < end; from = offsets[partition]!) {
        const slice = await this.alerts.read(partition, from, end);
        this.listener.tell(slice, { partition, before: this.current! });
        offsets[partition] = slice.next;
        hasMoved = true;
        // Lets the sockets take what they were given before there is more.
        await nextTurn();
      }
    }
    return hasMoved;
  }

  /** Is there an alert whose actions are not in force yet? */
  private async isAwaited(committed: readonly number[]): Promise<boolean> {
    const bounds = await this.log.bounds(TOPICS.alerts);
    return bounds.some(({ partition, end }) => end > (committed[partition] ?? 0));
  }

  /** A log that says "changed" again and again without a change must not take the whole processor. */
  private async untilChanged(changed: Promise<void>): Promise<void> {
    await changed;
    await pause(1);
  }

  private nextChange(): Promise<void> {
    this.changed ??= this.log.changed(TOPICS.alerts, TAIL_WAIT_MS).finally(() => {
      this.changed = undefined;
    });
    return this.changed;
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
