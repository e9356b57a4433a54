import type { ServerResponse } from 'node:http';
import { SEVERITIES, type AppliedAlert, type Category, type Severity } from '@watchkeeper/domain';
import type { StreamSettings } from './action.settings';

export interface StreamFilter {
  readonly category?: Category | undefined;
  readonly minSeverity?: Severity | undefined;
}

export type CloseReason = 'gone' | 'slow' | 'stopping';

/** A stop waits so long for a client to take the end of its answer. */
const END_MS_MAX = 500;

/**
 * One listener of the alert stream, and what waits to be sent to it. The bound is what keeps a slow listener from
 * costing the others: beyond it, it is closed, and resumes by its cursor.
 */
export class StreamClient {
  /** Clients with the same wish want the same of every alert. */
  readonly wish: string;
  private pendingEvents = 0;
  private pendingBytes = 0;
  private closedFor: CloseReason | undefined;
  private readonly waiting = new Set<() => void>();

  private readonly tenant: string;
  private readonly filter: StreamFilter;
  private readonly settings: StreamSettings;

  constructor(
    private readonly response: ServerResponse,
    wish: { readonly tenant: string; readonly filter: StreamFilter; readonly settings: StreamSettings },
    private readonly closed: (reason: CloseReason) => void,
  ) {
    const { tenant, filter } = wish;
    this.tenant = tenant;
    this.filter = filter;
    this.settings = wish.settings;
    this.wish = JSON.stringify([tenant, filter.category, filter.minSeverity]);
    response.once('close', () => this.ended('gone'));
    // A broken pipe shows as 'close' as well.
    response.on('error', () => undefined);
  }

  get isClosed(): boolean {
    return this.closedFor !== undefined;
  }

  wants(alert: Pick<AppliedAlert, 'tenant' | 'category' | 'severity'>): boolean {
    const { category, minSeverity } = this.filter;
    if (alert.tenant !== this.tenant) return false;
    if (category !== undefined && alert.category !== category) return false;
    return minSeverity === undefined || SEVERITIES.indexOf(alert.severity) >= SEVERITIES.indexOf(minSeverity);
  }

  send(text: Buffer, events: number): void {
    const bytes = text.length;
    if (this.isClosed || bytes === 0) return;
    this.pendingEvents += events;
    this.pendingBytes += bytes;
    if (this.pendingEvents > this.settings.pendingEventsMax || this.pendingBytes > this.settings.pendingBytesMax) {
      return this.cut('slow');
    }
    this.response.write(text, () => {
      this.pendingEvents -= events;
      this.pendingBytes -= bytes;
      if (this.pendingBytes === 0) this.wake();
    });
  }

  /** Resolves when all is sent or the client is closed; one that takes nothing for too long is closed. */
  async drained(): Promise<void> {
    if (this.isClosed || this.pendingBytes === 0) return;
    const stalled = setTimeout(() => this.cut('slow'), this.settings.stallMs);
    await new Promise<void>((resolve) => this.waiting.add(resolve));
    clearTimeout(stalled);
  }

  /** Ends the answer in an orderly way: what was sent arrives at whoever reads. Others must not hold up the stop. */
  end(): void {
    if (this.isClosed) return;
    const { socket } = this.response;
    this.ended('stopping');
    this.response.end();
    setTimeout(() => socket?.destroy(), END_MS_MAX).unref();
  }

  // Without waiting for what it does not take.
  private cut(reason: CloseReason): void {
    this.ended(reason);
    this.response.destroy();
  }

  private ended(reason: CloseReason): void {
    if (this.isClosed) return;
    this.closedFor = reason;
    this.wake();
    this.closed(reason);
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
