import { Injectable } from '@nestjs/common';
import { addWeeks, DomainError, weekBounds, type WeekId, type WeeklyReport } from '@watchkeeper/domain';
import { Lakehouse, ReportStore } from '@watchkeeper/lakehouse';
import { BatchMetrics } from './batch.metrics';
import { BatchSettings, Clock } from './batch.settings';
import { readLakeState, type LakeState } from './lake-state';
import { changesBetween, saysTheSame } from './report-changes';
import { weeklyReportOf } from './weekly-report';

export type Built =
  | { readonly outcome: 'revised'; readonly report: WeeklyReport }
  /** What was published last still says it all. */
  | { readonly outcome: 'unchanged'; readonly report: WeeklyReport }
  /** Nothing was said in that week. */
  | { readonly outcome: 'nothing' };

/** Another process may publish the same revision between our look and our publication. */
const PUBLISH_TRIES_MAX = 3;

/** Gold in, weekly report out. Building twice publishes once. */
@Injectable()
export class BuildWeeklyReportService {
  constructor(
    private readonly lakehouse: Lakehouse,
    private readonly store: ReportStore,
    private readonly settings: BatchSettings,
    private readonly clock: Clock,
    private readonly metrics: BatchMetrics,
  ) {}

  /**
   * Builds the report of a week and publishes it when it says something new.
   * `lake` is read when not given; it is the same for all reports built in one go. Throws `bad-week`.
   */
  async build(tenant: string, week: string, lake?: LakeState): Promise<Built> {
    const built = await this.publishDraft(tenant, week, lake);
    this.metrics.reported(built.outcome);
    return built;
  }

  private async publishDraft(tenant: string, week: string, lake: LakeState | undefined): Promise<Built> {
    weekBounds(week);
    const draft = await this.draft(tenant, week as WeekId, lake ?? (await readLakeState(this.lakehouse, false)));
    if (!draft) return { outcome: 'nothing' };
    for (let tries = 1; ; tries++) {
      const last = await this.store.latest(tenant, week);
      if (last && saysTheSame(last, draft)) return { outcome: 'unchanged', report: last };
      const report = last ? { ...draft, revision: last.revision + 1, changes: changesBetween(last, draft) } : draft;
      try {
        await this.store.publish(report);
        return { outcome: 'revised', report };
      } catch (error) {
        const isTaken = error instanceof DomainError && error.code === 'revision-exists';
        if (!isTaken || tries >= PUBLISH_TRIES_MAX) throw error;
      }
    }
  }

  private async draft(tenant: string, week: WeekId, lake: LakeState): Promise<WeeklyReport | undefined> {
    const facts = await this.lakehouse.weekFacts(tenant, week);
    if (!facts) return undefined;
    return weeklyReportOf({
      tenant,
      week,
      facts,
      before: await this.lakehouse.weekFacts(tenant, addWeeks(week, -1)),
      lake,
      labelsMin: this.settings.labelsMin,
      labelsPerModelMin: this.settings.labelsPerModelMin,
      codeVersion: this.settings.codeVersion,
      nowMs: this.clock.nowMs(),
    });
  }
}
