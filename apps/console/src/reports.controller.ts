import { Controller, Get, Header, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { addWeeks, DomainError, weekBounds, type Caller, type WeeklyReport } from '@watchkeeper/domain';
import { ReportStore } from '@watchkeeper/lakehouse';
import { CurrentCaller, problems, RequireScope } from '@watchkeeper/platform';
import { PAGE_POLICY, renderHtml, TREND_WEEKS } from './render-html';
import { differenceOf, type ReportDifference } from './report-diff';

const PAGE_SUFFIX = '.html';
/** Weeks listed, newest first. */
const LISTED_WEEKS_MAX = 104;

export interface ListedReport {
  readonly week: string;
  readonly revision: number;
  readonly asOf: string;
  readonly final: boolean;
  readonly counts: WeeklyReport['counts'];
  readonly metrics: WeeklyReport['metrics'];
  readonly agrees: boolean;
}

/**
 * The published reports of the caller's tenant. `…/2026-W47` is JSON, `…/2026-W47.html` the page, both by the same key;
 * the page needs nothing else once it is there.
 */
@Controller('v1/reports')
@RequireScope('reports:read')
export class ReportsController {
  constructor(private readonly store: ReportStore) {}

  @Get('weekly')
  @Header('cache-control', 'no-store')
  async list(@CurrentCaller() { tenant }: Caller): Promise<{ reports: ListedReport[]; lastFailure: unknown }> {
    const weeks = (await this.store.weeks(tenant)).toReversed().slice(0, LISTED_WEEKS_MAX);
    const reports: ListedReport[] = [];
    for (const week of weeks) {
      const report = await this.store.latest(tenant, week);
      if (report) reports.push(listed(report));
    }
    return { reports, lastFailure: (await this.store.lastFailure(tenant)) ?? null };
  }

  @Get('diff')
  @Header('cache-control', 'no-store')
  async diff(
    @CurrentCaller() { tenant }: Caller,
    @Query('from') from?: string,
    @Query('to') to?: string,
  ): Promise<ReportDifference> {
    const [a, b] = await Promise.all([this.named(tenant, 'from', from), this.named(tenant, 'to', to)]);
    return differenceOf(a, b);
  }

  @Get('weekly/:week')
  async read(
    @CurrentCaller() { tenant }: Caller,
    @Param('week') name: string,
    @Res() reply: FastifyReply,
    @Query('revision') revision?: string,
  ): Promise<void> {
    const isPage = name.endsWith(PAGE_SUFFIX);
    const week = isPage ? name.slice(0, -PAGE_SUFFIX.length) : name;
    const report = await this.find(tenant, week, revisionOf(revision));
    void reply.header('cache-control', 'no-store').header('vary', 'authorization');
    if (!isPage) return void (await reply.send(report));
    const page = renderHtml(report, await this.earlier(tenant, week));
    await reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', PAGE_POLICY)
      .send(page);
  }

  /** `2026-W47`, or `2026-W47@2` for one of its revisions. */
  private async named(tenant: string, parameter: string, name: string | undefined): Promise<WeeklyReport> {
    if (typeof name !== 'string') {
      throw problems.badRequest(`say ${parameter}=2026-W47, or 2026-W47@2 for a revision`, [
        { pointer: `/${parameter}`, detail: 'must be a week, once' },
      ]);
    }
    const [week = '', revision] = name.split('@', 2);
    return this.find(tenant, week, revisionOf(revision));
  }

  private async find(tenant: string, week: string, revision: number | undefined): Promise<WeeklyReport> {
    checkWeek(week);
    const report =
      revision === undefined
        ? await this.store.latest(tenant, week)
        : await this.store.revision(tenant, week, revision);
    if (!report) throw problems.notFound('there is no such report; GET /v1/reports/weekly lists those there are');
    return report;
  }

  private async earlier(tenant: string, week: string): Promise<readonly WeeklyReport[]> {
    const reports: WeeklyReport[] = [];
    for (let back = TREND_WEEKS - 1; back >= 1; back--) {
      const report = await this.store.latest(tenant, addWeeks(week, -back));
      if (report) reports.push(report);
    }
    return reports;
  }
}

function listed({ week, revision, asOf, final, counts, metrics, reconciliation }: WeeklyReport): ListedReport {
  return { week, revision, asOf, final, counts, metrics, agrees: reconciliation.agrees };
}

function checkWeek(week: string): void {
  try {
    weekBounds(week);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw problems.badRequest(error.message, [{ pointer: '/week', detail: error.message }]);
  }
}

function revisionOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw problems.badRequest('a revision is a whole number from 1 on', [
    { pointer: '/revision', detail: 'must be a whole number from 1 on' },
  ]);
}
