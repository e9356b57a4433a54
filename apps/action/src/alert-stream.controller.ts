import { Controller, Get, Headers, Logger, Query, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { categorySchema, SEVERITIES, type Caller } from '@watchkeeper/domain';
import { CurrentCaller, problems, RequireScope } from '@watchkeeper/platform';
import { ActionSettings } from './action.settings';
import { AlertFeedService, type StreamFrom } from './alert-feed.service';
import { readQuery } from './read-query';
import { StoreReadyGuard } from './store-ready.guard';
import { StreamClient } from './stream-client';
import { readCursor } from './stream-cursor';

const RETRY_AFTER_SECONDS = 5;

const querySchema = z.strictObject({
  category: categorySchema.optional(),
  minSeverity: z.enum(SEVERITIES).optional(),
  from: z.enum(['now', 'start']).default('now'),
  /** For clients that cannot set a header; the header wins. */
  lastEventId: z.string().optional(),
});

/**
 * Alerts as they come into force, as server-sent events. The id of an event is a cursor: whoever comes back with it
 * misses nothing and hears nothing twice, or is told of the gap.
 */
@Controller('v1/alerts')
@UseGuards(StoreReadyGuard)
@RequireScope('alerts:read')
export class AlertStreamController {
  private readonly logger = new Logger(AlertStreamController.name);

  constructor(
    private readonly feed: AlertFeedService,
    private readonly settings: ActionSettings,
  ) {}

  @Get('stream')
  async stream(
    @Query() query: unknown,
    @Headers('last-event-id') lastEventId: string | undefined,
    @CurrentCaller() { tenant }: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { category, minSeverity, ...place } = readQuery(querySchema, query);
    const from = await this.beginning(lastEventId || place.lastEventId || undefined, place.from);
    if (this.feed.isFull) {
      throw problems.unavailable('there are as many listeners as this service takes', RETRY_AFTER_SECONDS);
    }
    const client: StreamClient = new StreamClient(
      open(reply, this.settings.stream.retryMs),
      { tenant, filter: { category, minSeverity }, settings: this.settings.stream },
      (reason) => this.feed.left(client, reason),
    );
    try {
      await this.feed.serve(client, from);
    } catch (error) {
      // The answer has begun: all that is left is to end it. The client comes back with its cursor.
      this.logger.warn({ message: 'alert stream ended', reason: error instanceof Error ? error.message : 'unknown' });
      client.end();
    }
  }

  private async beginning(lastEventId: string | undefined, otherwise: 'now' | 'start'): Promise<StreamFrom> {
    if (lastEventId === undefined) return otherwise;
    const cursor = readCursor(lastEventId);
    if (cursor && (await this.feed.isPlausible(cursor))) return cursor;
    throw problems.badRequest('Last-Event-ID is not a cursor that this service gave', [
      { pointer: '/lastEventId', detail: 'must be the id of an event of this stream' },
    ]);
  }
}

/** From here on the answer is ours; the headers set so far go with it. */
function open(reply: FastifyReply, retryMs: number): FastifyReply['raw'] {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  // A connection kept for later would hold up the stop of the service.
  raw.shouldKeepAlive = false;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write(`retry: ${retryMs}\n\n`);
  return raw;
}
