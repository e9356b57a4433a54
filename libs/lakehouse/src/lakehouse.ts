import type { Category, LandedTopic, Measurement, MetricName, ModelRef, WeekId } from '@watchkeeper/domain';

/** A record of the log on its way to bronze. */
export interface LandingRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: Uint8Array;
  readonly appendedAtMs: number;
}

export interface Landing {
  readonly rows: number;
  /** Next offset per partition after this landing. */
  readonly offsets: readonly number[];
  /** Absent when there was nothing to land. */
  readonly snapshotId?: string;
  readonly tookMs: number;
}

/** What a refresh of silver and gold changed. */
export interface Refresh {
  readonly turnsAdded: number;
  readonly turnsUpdated: number;
  readonly evaluationsAdded: number;
  /** Weeks whose gold was rebuilt, oldest first. */
  readonly weeks: readonly { readonly tenant: string; readonly week: WeekId }[];
  readonly tookMs: number;
}

/** Everything the weekly report says of one group of turns. */
export interface QualityFacts {
  readonly metrics: Readonly<Record<MetricName, Measurement>>;
  /** Turns alerted, and turns acted on, by the alert's category. */
  readonly byCategory: readonly { readonly category: Category; readonly alerts: number; readonly actedOn: number }[];
}

export interface WeekFacts {
  readonly all: QualityFacts;
  /** null: turns whose poster named no model. A conversation's rating counts for the model of its last assistant turn. */
  readonly byModel: readonly (QualityFacts & {
    readonly model: (ModelRef & { releasedAt?: string; attributes?: Record<string, unknown> }) | null;
  })[];
  readonly modelSha256: readonly string[];
  readonly policyHash: readonly string[];
  /** Turns of the week in gold, summed over its segments. */
  readonly goldTurns: number;
}

/** Row counts that must agree; `topic` rows are compared with the log by the caller. */
export interface LakeCounts {
  readonly bronze: readonly {
    readonly topic: LandedTopic;
    readonly rows: number;
    /** Distinct (partition, offset): equals `rows` when nothing was landed twice. */
    readonly distinct: number;
    /** Next offset per partition, from the table's property. */
    readonly offsets: readonly number[];
  }[];
  /** Distinct turns in bronze, rows and distinct turns in silver, turns summed over gold. */
  readonly turns: {
    readonly bronze: number;
    readonly silver: number;
    readonly silverDistinct: number;
    readonly gold: number;
  };
  readonly evaluations: { readonly bronze: number; readonly silver: number; readonly silverDistinct: number };
}

export interface Maintenance {
  readonly filesCompacted: number;
  readonly snapshotsExpired: number;
  readonly orphansRemoved: number;
}

/**
 * The Iceberg tables: bronze equals the log, silver has one row a turn, gold one row a week and segment.
 * Promises (test/contracts/lakehouse.contract.ts):
 *  1. a record is in bronze exactly once, whoever lands it, how often and however killed; `landed` is what the table says;
 *  2. a landing that does not begin where the table stands is refused (`fenced`) and changes nothing;
 *  3. silver has one row per event: the first in the log wins; a turn's verdict, alert, actions and feedback are joined as they come;
 *  4. a late event or rating re-opens its week: `refresh` names it and gold is rebuilt for it;
 *  5. `refresh` run twice, or from nothing (`rebuild`), gives the same rows;
 *  6. readers see whole snapshots only; a failed refresh leaves the last one;
 *  7. maintenance changes no row and never removes a file that a kept snapshot or a landing under way needs;
 *  8. a damaged or missing data file fails the read, and the error names the file.
 */
export abstract class Lakehouse {
  /** Creates tables that are missing and brings older ones up to date. */
  abstract open(): Promise<void>;

  /** Next offset to land, per partition; from the table, never from memory. */
  abstract landed(topic: LandedTopic): Promise<readonly number[]>;

  /** Records of each partition must follow on from `landed`, without gaps but for what the log has dropped. */
  abstract land(topic: LandedTopic, logIdentity: string, records: readonly LandingRecord[]): Promise<Landing>;

  /** Brings silver and gold up to what is in bronze. */
  abstract refresh(): Promise<Refresh>;

  /** Recomputes silver and gold from bronze alone. */
  abstract rebuild(): Promise<Refresh>;

  abstract weeks(tenant: string): Promise<readonly WeekId[]>;

  /** undefined when nothing was said in that week. */
  abstract weekFacts(tenant: string, week: WeekId): Promise<WeekFacts | undefined>;

  abstract counts(): Promise<LakeCounts>;

  /** Current snapshot id of each table, by name (`bronze.conversation_events`, …); absent when empty. */
  abstract snapshots(): Promise<Readonly<Record<string, string>>>;

  /** When the newest landed event was appended to the log, ms; undefined when nothing has landed. */
  abstract freshestMs(): Promise<number | undefined>;

  abstract maintain(options: {
    readonly snapshotAgeMsMax: number;
    readonly orphanAgeMsMin: number;
  }): Promise<Maintenance>;

  abstract check(): Promise<void>;

  abstract close(): Promise<void>;
}
