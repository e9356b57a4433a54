import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { LandedTopic, WeekId } from '@watchkeeper/domain';
import type { Catalog } from '../catalog';
import { DirectoryCatalog } from '../catalog/directory';
import { Duck } from '../duckdb';
import { CommitConflict } from '../iceberg';
import {
  Lakehouse,
  type LakeCounts,
  type Landing,
  type LandingRecord,
  type Maintenance,
  type Refresh,
  type WeekFacts,
} from '../lakehouse';
import {
  BRONZE,
  GOLD_QUALITY,
  GOLD_TOTALS,
  SILVER_EVALUATIONS,
  SILVER_MODELS,
  SILVER_TURNS,
  SILVER_WAITING,
  type TableDefinition,
} from '../tables';
import { countLake, freshestMs, snapshotsOf } from './counts';
import { weekFacts, weeksOf } from './facts';
import { ensureTable, type Lake } from './lake';
import { landedOffsets, landRecords } from './landing';
import { maintainTables, type MaintenanceOptions } from './maintenance';
import { refreshLake } from './refresh';

export interface IcebergLakehouseSettings {
  /** Absolute path of the lake's folder. */
  readonly dir: string;
  /** Of DuckDB; the live services share the machine. */
  readonly threads?: number;
  /** Of DuckDB; beyond it, it spills to disk. */
  readonly memoryLimitMb?: number;
  /** Directory catalog in `dir` when left out. */
  readonly catalog?: Catalog;
}

const THREADS = 1;
const MEMORY_LIMIT_MB = 256;
/** Someone else may refresh at the same time; who is second begins again. */
const REFRESH_TRIES_MAX = 5;

const TABLES: readonly TableDefinition[] = [
  ...Object.values(BRONZE),
  SILVER_WAITING,
  SILVER_TURNS,
  SILVER_EVALUATIONS,
  SILVER_MODELS,
  GOLD_QUALITY,
  GOLD_TOTALS,
];

/** The embedded lake: Iceberg tables in a folder, computed with DuckDB in this process. */
export class IcebergLakehouse extends Lakehouse {
  /** Landings of one topic follow each other, and so do refreshes and maintenance. */
  private readonly lines = new Map<string, Promise<unknown>>();

  private constructor(private readonly lake: Lake) {
    super();
  }

  static async open(settings: IcebergLakehouseSettings): Promise<IcebergLakehouse> {
    const { dir, threads = THREADS, memoryLimitMb = MEMORY_LIMIT_MB } = settings;
    if (!isAbsolute(dir)) throw new TypeError(`the lake's folder ${dir} is no absolute path`);
    const scratchDir = await claimScratch(join(dir, '.scratch'));
    const catalog = settings.catalog ?? (await DirectoryCatalog.open({ root: dir }));
    const duck = await Duck.open({ threads, memoryLimitMb, tempDir: join(scratchDir, 'spill') });
    const lakehouse = new IcebergLakehouse({ catalog, duck, scratchDir });
    try {
      await lakehouse.open();
    } catch (error) {
      await lakehouse.close();
      throw error;
    }
    return lakehouse;
  }

  override async open(): Promise<void> {
    for (const definition of TABLES) await ensureTable(this.lake, definition);
  }

  override landed(topic: LandedTopic): Promise<readonly number[]> {
    return landedOffsets(this.lake, topic);
  }

  override land(topic: LandedTopic, logIdentity: string, records: readonly LandingRecord[]): Promise<Landing> {
    return this.inLine(topic, () => landRecords(this.lake, topic, logIdentity, records));
  }

  override refresh(): Promise<Refresh> {
    return this.refreshInLine(false);
  }

  override rebuild(): Promise<Refresh> {
    return this.refreshInLine(true);
  }

  override weeks(tenant: string): Promise<readonly WeekId[]> {
    return weeksOf(this.lake, tenant);
  }

  override weekFacts(tenant: string, week: WeekId): Promise<WeekFacts | undefined> {
    return weekFacts(this.lake, tenant, week);
  }

  override counts(): Promise<LakeCounts> {
    return countLake(this.lake);
  }

  override snapshots(): Promise<Readonly<Record<string, string>>> {
    return snapshotsOf(
      this.lake,
      TABLES.map((definition) => definition.id),
    );
  }

  override freshestMs(): Promise<number | undefined> {
    return freshestMs(this.lake);
  }

  override maintain(options: MaintenanceOptions): Promise<Maintenance> {
    return this.inLine('silver', () => maintainTables(this.lake, TABLES, options));
  }

  /** The tables can be loaded and DuckDB answers. */
  override async check(): Promise<void> {
    for (const definition of TABLES) await this.lake.catalog.load(definition.id);
    await this.lake.duck.with((session) => session.row('answer', 'SELECT 1 AS alive'));
  }

  /** Waits for what is under way. */
  override async close(): Promise<void> {
    await Promise.allSettled(this.lines.values());
    this.lake.duck.close();
    await rm(this.lake.scratchDir, { recursive: true, force: true });
  }

  private refreshInLine(full: boolean): Promise<Refresh> {
    return this.inLine('silver', async () => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await refreshLake(this.lake, full);
        } catch (error) {
          if (!(error instanceof CommitConflict) || tries >= REFRESH_TRIES_MAX) throw error;
        }
      }
    });
  }

  private async inLine<T>(line: string, work: () => Promise<T>): Promise<T> {
    const before = this.lines.get(line) ?? Promise.resolve();
    const mine = before.then(work, work);
    // The next in line does not care how this one ended.
    this.lines.set(
      line,
      mine.then(
        () => undefined,
        () => undefined,
      ),
    );
    return mine;
  }
}

/** A folder of this process alone; those of processes of this machine that are gone are removed. */
async function claimScratch(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const here = `${hostname()}.`;
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(here) ? Number(name.slice(here.length).split('.')[0]) : Number.NaN;
    if (pid > 0 && pid !== process.pid && !isAlive(pid)) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
  const own = join(parent, `${here}${process.pid}.${randomUUID()}`);
  await mkdir(own, { mode: 0o700 });
  return own;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Alive, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
