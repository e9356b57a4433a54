import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { TOPICS } from '@watchkeeper/domain';
import { EventLog } from '@watchkeeper/event-log';
import { ActionMetrics } from './action-metrics';
import { ActionSettings } from './action.settings';
import { AlertTail, type TailListener } from './alert-tail';
import { AppliedAlerts, type AppliedSlice } from './applied-alerts';
import type { CloseReason, StreamClient } from './stream-client';
import { logMark, writeCursor, type StreamCursor } from './stream-cursor';
import { alertEvent, cursorOnly, gapEvent, keepAlive } from './stream-events';

/** Where a client begins. */
export type StreamFrom = StreamCursor | 'start' | 'now';

interface At {
  readonly partition: number;
  readonly before: StreamCursor;
}

/** The clients of the alert stream: those who catch up read for themselves, those who have caught up share one tail. */
@Injectable()
export class AlertFeedService implements BeforeApplicationShutdown, TailListener {
  private readonly clients = new Set<StreamClient>();
  /** Those who stand where the tail stands. */
  private readonly live = new Set<StreamClient>();
  private readonly tail: AlertTail;
  private keepAliveTimer: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    private readonly log: EventLog,
    private readonly alerts: AppliedAlerts,
    private readonly metrics: ActionMetrics,
    private readonly settings: ActionSettings,
  ) {
    this.tail = new AlertTail(log, alerts, this);
  }

  get isFull(): boolean {
    return this.isStopping || this.clients.size >= this.settings.stream.clientsMax;
  }

  /** How many have caught up. */
  get liveClients(): number {
    return this.live.size;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    for (const client of this.clients) client.end();
    await this.tail.stop();
  }

  /** Can this log, or one before it, have given the cursor? */
  async isPlausible(cursor: StreamCursor): Promise<boolean> {
    if (cursor.log !== logMark(await this.log.identity())) return true;
    const bounds = await this.log.bounds(TOPICS.alerts);
    const ends = bounds.map(({ end }) => end);
    return cursor.offsets.length <= ends.length && cursor.offsets.every((offset, i) => offset <= ends[i]!);
  }

  /** Serves a client until it leaves. Resolves once it has caught up. */
  async serve(client: StreamClient, from: StreamFrom): Promise<void> {
    if (client.isClosed) return;
    this.enter(client);
    const tail = await this.tail.started();
    if (!tail) return client.end();
    if (from === 'now') return this.join(client, tail);
    await this.catchUp(client, await this.beginning(client, from, tail.log));
  }

  /** To be called when a client has closed, whoever closed it. */
  left(client: StreamClient, reason: CloseReason): void {
    this.live.delete(client);
    if (!this.clients.delete(client)) return;
    this.metrics.streamClients(this.clients.size);
    this.metrics.streamClosed(reason);
    if (this.clients.size === 0) clearInterval(this.keepAliveTimer);
  }

  isWanted(): boolean {
    return this.clients.size > 0;
  }

  /** Clients that wish for the same are sent the same bytes. */
  tell(slice: AppliedSlice, at: At): void {
    const byWish = new Map<string, Rendered>();
    for (const client of this.live) {
      let rendered = byWish.get(client.wish);
      if (!rendered) byWish.set(client.wish, (rendered = render(slice, at, client)));
      client.send(rendered.bytes, rendered.events);
    }
  }

  private enter(client: StreamClient): void {
    this.clients.add(client);
    this.metrics.streamClients(this.clients.size);
    if (this.clients.size > 1) return;
    this.keepAliveTimer = setInterval(() => this.keepAlive(), this.settings.stream.keepAliveMs);
  }

  private async beginning(client: StreamClient, from: StreamCursor | 'start', log: string): Promise<number[]> {
    const starts = (await this.log.bounds(TOPICS.alerts)).map(({ start }) => start);
    if (from === 'start') return starts;
    if (from.log === log) return starts.map((_, partition) => from.offsets[partition] ?? 0);
    const gap = { from: new Date().toISOString(), reason: 'another log' } as const;
    client.send(Buffer.from(gapEvent(gap, writeCursor({ log, offsets: starts }))), 1);
    return starts;
  }

  /** Reads for this client alone, as fast as it takes, until it stands where the tail stands. */
  private async catchUp(client: StreamClient, offsets: number[]): Promise<void> {
    while (!client.isClosed) {
      const tail = await this.tail.started();
      if (!tail) return client.end();
      const partition = tail.offsets.findIndex((offset, i) => (offsets[i] ?? 0) < offset);
      if (partition >= 0) {
        const slice = await this.alerts.read(partition, offsets[partition] ?? 0, tail.offsets[partition]!);
        const { bytes, events } = render(slice, { partition, before: { log: tail.log, offsets } }, client);
        client.send(bytes, events);
        offsets[partition] = slice.next;
        await client.drained();
        await nextTurn();
      } else if (offsets.some((offset, i) => offset > (tail.offsets[i] ?? 0))) {
        // Another process has told it more than this one has seen so far.
        await this.tail.moved();
      } else {
        return this.join(client, tail);
      }
    }
  }

  // Await nothing between the look at the tail and the joining, or an alert in between goes untold.
  private join(client: StreamClient, tail: StreamCursor): void {
    if (client.isClosed) return;
    client.send(Buffer.from(cursorOnly(writeCursor(tail))), 0);
    this.live.add(client);
  }

  private keepAlive(): void {
    const { position } = this.tail;
    const cursor = position && writeCursor(position);
    for (const client of this.clients) {
      client.send(Buffer.from(keepAlive(this.live.has(client) ? cursor : undefined)), 0);
    }
  }
}

interface Rendered {
  readonly bytes: Buffer;
  readonly events: number;
}

/** What a client is sent of a slice: each alert with the cursor that stands right behind it. */
function render(slice: AppliedSlice, { partition, before }: At, client: StreamClient): Rendered {
  const cursorAt = (offset: number): string =>
    writeCursor({ log: before.log, offsets: before.offsets.with(partition, offset) });
  const events: string[] = [];
  if (slice.gapUntilMs !== undefined) {
    const resumesAt = slice.alerts[0]?.offset ?? slice.next;
    const gap = { from: new Date(slice.gapUntilMs).toISOString(), reason: 'retention' } as const;
    events.push(gapEvent(gap, cursorAt(resumesAt)));
  }
  for (const { offset, alert } of slice.alerts) {
    if (client.wants(alert)) events.push(alertEvent(alert, cursorAt(offset + 1)));
  }
  return { bytes: Buffer.from(events.join('')), events: events.length };
}
