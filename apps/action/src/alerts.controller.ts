import { Controller, Get, Header, Param, Query, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { ActionStore, type AlertFilter, type AlertPage } from '@watchkeeper/action-store';
import {
  categorySchema,
  DomainError,
  identifierSchema,
  instantSchema,
  SEVERITIES,
  type Caller,
} from '@watchkeeper/domain';
import { CurrentCaller, problems, RequireScope } from '@watchkeeper/platform';
import { readQuery } from './read-query';
import { StoreReadyGuard } from './store-ready.guard';
import { wireAlert, type WireAlert } from './wire-alert';

const PAGE_ALERTS_MAX = 200;
const PAGE_ALERTS = 50;
const CURSOR_LENGTH_MAX = 256;

const querySchema = z.strictObject({
  category: categorySchema.optional(),
  minSeverity: z.enum(SEVERITIES).optional(),
  userId: identifierSchema.optional(),
  conversationId: identifierSchema.optional(),
  eventId: identifierSchema.optional(),
  /** On appliedAt: from inclusive, to exclusive. */
  from: instantSchema.optional(),
  to: instantSchema.optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_ALERTS_MAX).default(PAGE_ALERTS),
  cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
});

/** What was found, newest first. */
@Controller('v1/alerts')
@UseGuards(StoreReadyGuard)
@RequireScope('alerts:read')
export class AlertsController {
  constructor(private readonly store: ActionStore) {}

  /** A page may be short, even empty, though there is a `next`: a filter that matches little takes several. */
  @Get()
  @Header('cache-control', 'no-store')
  async list(
    @Query() query: unknown,
    @CurrentCaller() { tenant }: Caller,
  ): Promise<{ readonly alerts: readonly WireAlert[]; readonly next?: string }> {
    const { limit, cursor, ...filters } = readQuery(querySchema, query);
    const page = await this.page(tenant, filterOf(filters), {
      size: limit,
      ...(cursor !== undefined && { after: cursor }),
    });
    return { ...page, alerts: page.alerts.map(wireAlert) };
  }

  @Get(':id')
  @Header('cache-control', 'no-store')
  async one(@Param('id') id: string, @CurrentCaller() { tenant }: Caller): Promise<WireAlert> {
    const alert = await this.store.alert(tenant, id);
    if (!alert) throw problems.notFound('there is no such alert');
    return wireAlert(alert);
  }

  private async page(
    tenant: string,
    filter: AlertFilter,
    page: { readonly size: number; readonly after?: string },
  ): Promise<AlertPage> {
    try {
      return await this.store.alerts(tenant, filter, page);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'bad-cursor') {
        throw problems.badRequest('the query is not valid', [{ pointer: '/cursor', detail: error.message }]);
      }
      throw error;
    }
  }
}

function filterOf(query: Omit<z.infer<typeof querySchema>, 'limit' | 'cursor'>): AlertFilter {
  const { category, minSeverity, userId, conversationId, eventId, from, to } = query;
  return {
    ...(category !== undefined && { category }),
    ...(minSeverity !== undefined && { severityFrom: minSeverity }),
    ...(userId !== undefined && { userId }),
    ...(conversationId !== undefined && { conversationId }),
    ...(eventId !== undefined && { eventId }),
    ...(from !== undefined && { fromMs: Date.parse(from) }),
    ...(to !== undefined && { toMs: Date.parse(to) }),
  };
}
