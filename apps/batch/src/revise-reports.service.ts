import { Injectable, Logger } from '@nestjs/common';
import { addWeeks } from '@watchkeeper/domain';
import { Lakehouse, ReportStore } from '@watchkeeper/lakehouse';
import { BatchHealth, reasonOf } from './batch-health';
import { BatchSettings, Clock, type TenantWeek } from './batch.settings';
import { BuildWeeklyReportService } from './build-weekly-report.service';
import { GOLD_TABLE, readLakeState, type LakeState } from './lake-state';
import { finalFrom } from './weekly-report';

/** Every tenth revision of a week makes the next wait one interval longer, so that a week of traffic has about 1,500 of them. */
const REVISIONS_PER_SLOWING = 10;
const REPORT_INTERVAL_MS_MAX = 15 * 60_000;
/** Counting a large lake takes its time, and landings wait meanwhile: it may take one part in so many. */
const REST_PER_WORK = 20;
const RETRY_MS = 30_000;
const FINAL_LOOK_INTERVAL_MS = 10 * 60_000;
/** Weeks looked at for becoming final; older ones were, or will be when something changes in them. */
const FINAL_LOOK_WEEKS = 8;

/** Keeps the published reports true: builds those whose week has changed, and those that have become final. */
@Injectable()
export class ReviseReportsService {
  private readonly logger = new Logger(ReviseReportsService.name);
  /** By tenant and week: when the report may be built, ms. */
  private readonly pending = new Map<string, TenantWeek & { readonly fromMs: number }>();
  private readonly restUntilMs = new Map<string, number>();
  private builtFrom: string | undefined;
  private isStarted = false;
  private finalLookAtMs = Number.NEGATIVE_INFINITY;
  private worksFromMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly lakehouse: Lakehouse,
    private readonly store: ReportStore,
    private readonly build: BuildWeeklyReportService,
    private readonly health: BatchHealth,
    private readonly settings: BatchSettings,
    private readonly clock: Clock,
  ) {}

  /** These weeks have changed; and with each the comparison of the week after it. */
  note(weeks: readonly TenantWeek[]): void {
    for (const { tenant, week } of weeks) {
      for (const changed of [week, addWeeks(week, 1)]) {
        const key = keyOf({ tenant, week: changed });
        const fromMs = this.restUntilMs.get(key) ?? Number.NEGATIVE_INFINITY;
        this.pending.set(key, { tenant, week: changed, fromMs });
      }
    }
  }

  /** Builds everything that waits. Throws when that cannot be begun; a single report that fails is told of. */
  async publishAll(): Promise<void> {
    await this.publish({ isEverything: true, isCaughtUp: true });
  }

  /** Builds what is due. Never throws: landing goes on whatever becomes of the reports. */
  async publishDue({ isCaughtUp }: { isCaughtUp: boolean }): Promise<void> {
    const now = this.clock.nowMs();
    if (now < this.worksFromMs) return;
    try {
      await this.publish({ isEverything: false, isCaughtUp });
    } catch (error) {
      this.worksFromMs = now + RETRY_MS;
      this.health.failed('reports', error);
      this.logger.error({ message: 'reports could not be built; the last ones stand', reason: reasonOf(error) });
    }
  }

  private async publish({ isEverything, isCaughtUp }: { isEverything: boolean; isCaughtUp: boolean }): Promise<void> {
    const now = this.clock.nowMs();
    if (!this.isStarted) await this.noteAllUnlessBuilt();
    if (now - this.finalLookAtMs >= FINAL_LOOK_INTERVAL_MS) await this.noteFinal(now);
    const due = [...this.pending.values()].filter(({ fromMs }) => isEverything || fromMs <= now);
    if (due.length === 0) return;
    const lake = await readLakeState(this.lakehouse, isCaughtUp);
    let failures = 0;
    for (const each of due) failures += (await this.buildOne(each, lake)) ? 0 : 1;
    if (failures === 0) this.health.worked('reports');
    const doneMs = this.clock.nowMs();
    this.worksFromMs = doneMs + (doneMs - now) * REST_PER_WORK;
    if (this.pending.size === 0) await this.rememberBuilt(lake.snapshots[GOLD_TABLE]);
  }

  /** Whether the report stands; never throws, so that one week's trouble is not another's. */
  private async buildOne({ tenant, week }: TenantWeek, lake: LakeState): Promise<boolean> {
    const key = keyOf({ tenant, week });
    const startedMs = this.clock.nowMs();
    try {
      const built = await this.build.build(tenant, week, lake);
      this.pending.delete(key);
      await this.forgetFailure(tenant, week);
      if (built.outcome !== 'revised') return true;
      this.restUntilMs.set(key, startedMs + this.restMs(built.report.revision));
      const { revision, changes, final } = built.report;
      const tookMs = this.clock.nowMs() - startedMs;
      this.logger.log({ message: 'weekly report published', tenant, week, revision, changes, final, tookMs });
      return true;
    } catch (error) {
      this.pending.set(key, { tenant, week, fromMs: startedMs + RETRY_MS });
      await this.tellOfFailure({ tenant, week }, error);
      return false;
    }
  }

  private restMs(revision: number): number {
    const slowing = Math.max(1, revision / REVISIONS_PER_SLOWING);
    return Math.min(REPORT_INTERVAL_MS_MAX, this.settings.reportIntervalMs * slowing);
  }

  private async tellOfFailure({ tenant, week }: TenantWeek, error: unknown): Promise<void> {
    const message = reasonOf(error);
    this.health.failed('reports', error);
    this.logger.error({ message: 'weekly report failed; the last one stands', tenant, week, reason: message });
    const failedAt = new Date(this.clock.nowMs()).toISOString();
    await this.store.recordFailure(tenant, { week, failedAt, message }).catch((cause: unknown) => {
      this.logger.error({ message: 'failure could not be recorded', tenant, week, reason: reasonOf(cause) });
    });
  }

  private async forgetFailure(tenant: string, week: string): Promise<void> {
    const failure = await this.store.lastFailure(tenant);
    if (failure?.week === week) await this.store.clearFailure(tenant);
  }

  /** At the start: whoever ran before may have refreshed gold and died before it published. */
  private async noteAllUnlessBuilt(): Promise<void> {
    const gold = (await this.lakehouse.snapshots())[GOLD_TABLE];
    this.builtFrom = await this.store.builtFrom();
    if (gold !== undefined && gold !== this.builtFrom) {
      for (const tenant of await this.tenants()) {
        this.note((await this.lakehouse.weeks(tenant)).map((week) => ({ tenant, week })));
      }
    }
    this.isStarted = true;
  }

  /** Time alone makes a report final. */
  private async noteFinal(now: number): Promise<void> {
    for (const tenant of await this.tenants()) {
      for (const week of (await this.store.weeks(tenant)).slice(-FINAL_LOOK_WEEKS)) {
        if (now < finalFrom(week) || (await this.store.latest(tenant, week))?.final) continue;
        this.pending.set(keyOf({ tenant, week }), { tenant, week, fromMs: now });
      }
    }
    this.finalLookAtMs = now;
  }

  private async tenants(): Promise<readonly string[]> {
    return [...new Set([...(await this.settings.tenants()), ...(await this.store.tenants())])];
  }

  private async rememberBuilt(gold: string | undefined): Promise<void> {
    if (gold === undefined || gold === this.builtFrom) return;
    await this.store.setBuiltFrom(gold);
    this.builtFrom = gold;
  }
}

function keyOf({ tenant, week }: TenantWeek): string {
  return `${week} ${tenant}`;
}
