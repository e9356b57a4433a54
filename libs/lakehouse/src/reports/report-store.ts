import type { WeekId, WeeklyReport } from '@watchkeeper/domain';

/** A build that did not come to its end; the last report stands. */
export interface ReportFailure {
  readonly week: string;
  readonly failedAt: string;
  /** Of errors of ours; never the text of a conversation. */
  readonly message: string;
}

/**
 * The published weekly reports, every revision of them.
 * Promises (file-report-store.spec.ts):
 *  1. a reader sees a whole report or none, whatever happens to its writer;
 *  2. a revision, once published, never changes: a second one of the same number is refused (`revision-exists`);
 *  3. `latest` is the highest revision; the others stay readable;
 *  4. one tenant never sees another's, whatever characters its name has.
 * A week that does not exist is refused (`bad-week`); a file that is no report fails the read (`damaged-report`).
 */
export abstract class ReportStore {
  abstract publish(report: WeeklyReport): Promise<void>;

  abstract latest(tenant: string, week: string): Promise<WeeklyReport | undefined>;

  abstract revision(tenant: string, week: string, revision: number): Promise<WeeklyReport | undefined>;

  /** Revisions of a week, lowest first; empty when there is none. */
  abstract revisions(tenant: string, week: string): Promise<readonly number[]>;

  /** Weeks with a report, oldest first. */
  abstract weeks(tenant: string): Promise<readonly WeekId[]>;

  /** Tenants with a report. */
  abstract tenants(): Promise<readonly string[]>;

  abstract recordFailure(tenant: string, failure: ReportFailure): Promise<void>;

  /** The failure that nothing has made good since. */
  abstract lastFailure(tenant: string): Promise<ReportFailure | undefined>;

  abstract clearFailure(tenant: string): Promise<void>;

  /** The gold snapshot that every report is built from, or newer; undefined when that is not known. */
  abstract builtFrom(): Promise<string | undefined>;

  abstract setBuiltFrom(goldSnapshot: string): Promise<void>;
}
