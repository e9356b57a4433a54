import { Controller, Get, Header, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseWith, weekBounds, type Caller } from '@watchkeeper/domain';
import { CurrentCaller, parseJson, problems, RequireScope, textOf } from '@watchkeeper/platform';
import { BatchHealth } from './batch-health';
import { BuildWeeklyReportService } from './build-weekly-report.service';
import { LandEventsService } from './land-events.service';
import { VerifyService, type Verification } from './verify.service';

const BODY_LIMITS = { bytesMax: 64 * 1024, depthMax: 8 } as const;
const rebuildSchema = z.strictObject({ week: z.string().optional() });

/** Does everything agree; how is the batch doing; build the report now. */
@Controller('v1')
export class BatchController {
  constructor(
    private readonly verification: VerifyService,
    private readonly lander: LandEventsService,
    private readonly reports: BuildWeeklyReportService,
    private readonly health: BatchHealth,
  ) {}

  @Post('verify')
  @HttpCode(200)
  @RequireScope('admin')
  @Header('cache-control', 'no-store')
  verify(): Promise<Verification> {
    return this.verification.verify();
  }

  @Get('batch')
  @RequireScope('admin')
  @Header('cache-control', 'no-store')
  status(): ReturnType<BatchHealth['status']> {
    return this.health.status();
  }

  /** Lands everything that is in the log and publishes what has changed; with `week`, that week in any case. */
  @Post('reports/weekly/rebuild')
  @HttpCode(200)
  @RequireScope('admin')
  async rebuild(@Req() request: FastifyRequest, @CurrentCaller() { tenant }: Caller): Promise<{ built: string }> {
    const { week } = await readRebuild(request);
    await this.lander.flush();
    if (week !== undefined) await this.lander.undisturbed(() => this.reports.build(tenant, week));
    return { built: week ?? 'what has changed' };
  }
}

async function readRebuild(request: FastifyRequest): Promise<{ week?: string | undefined }> {
  const parsed = parseWith(rebuildSchema, parseJson(await textOf(request.body, undefined, BODY_LIMITS), BODY_LIMITS));
  if (!parsed.ok) throw problems.invalid('the order is not valid', parsed.faults);
  try {
    if (parsed.value.week !== undefined) weekBounds(parsed.value.week);
  } catch (error) {
    throw problems.badRequest(error instanceof Error ? error.message : 'not a week');
  }
  return parsed.value;
}
