import { Controller, Get, Header, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ActionStore } from '@watchkeeper/action-store';
import { isAllowed, subjectSchema, type Action, type Caller } from '@watchkeeper/domain';
import { CurrentCaller, RequireScope } from '@watchkeeper/platform';
import { Clock } from './clock';
import { readBody, readQuery } from './read-query';
import { StoreReadyGuard } from './store-ready.guard';
import { UndoActionService, type Undone } from './undo-action.service';

const REASON_LENGTH_MAX = 1_000;

const querySchema = z.strictObject({ subject: subjectSchema });
const undoSchema = z.strictObject({
  reason: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(REASON_LENGTH_MAX, `must have at most ${REASON_LENGTH_MAX} characters`)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must not contain NUL or lone surrogates'),
});

interface Enforcement {
  readonly subject: string;
  readonly allowed: boolean;
  readonly actions: readonly Pick<Action, 'id' | 'kind' | 'alertId' | 'category' | 'appliedAt' | 'expiresAt'>[];
}

/** May this subject go on? */
@Controller('v1/enforcements')
@UseGuards(StoreReadyGuard)
export class EnforcementsController {
  constructor(
    private readonly store: ActionStore,
    private readonly undoAction: UndoActionService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @RequireScope('alerts:read')
  @Header('cache-control', 'no-store')
  async inForce(@Query() query: unknown, @CurrentCaller() { tenant }: Caller): Promise<Enforcement> {
    const { subject } = readQuery(querySchema, query);
    const actions = await this.store.inForce(tenant, subject, this.clock.nowMs());
    return {
      subject,
      allowed: isAllowed(actions),
      actions: actions.map(({ id, kind, alertId, category, appliedAt, expiresAt }) => ({
        id,
        kind,
        alertId,
        category,
        appliedAt,
        expiresAt,
      })),
    };
  }

  @Post(':id/undo')
  @HttpCode(200)
  @RequireScope('actions:write')
  @Header('cache-control', 'no-store')
  async undo(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<Undone> {
    const { reason } = await readBody(undoSchema, request);
    return this.undoAction.undo(id, reason, caller);
  }
}
