import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  DomainError,
  sha256,
  weekBounds,
  weeklyReportSchema,
  type WeekId,
  type WeeklyReport,
} from '@watchkeeper/domain';
import { z } from 'zod';
import { ReportStore, type ReportFailure } from './report-store';

/** What every file system takes as it is, in any case, at any length we allow. */
const PLAIN_TENANT = /^[a-z0-9][a-z0-9_-]{0,99}$/;
const REVISION_FILE = /^revision-([1-9]\d{0,8})\.json$/;
const TENANT_FILE = 'tenant.json';
const FAILURE_FILE = 'last-failure.json';
const PROGRESS_FILE = 'progress.json';

const failureSchema = z.object({ week: z.string(), failedAt: z.string(), message: z.string() });
const progressSchema = z.object({ goldSnapshot: z.string() });
const tenantSchema = z.object({ tenant: z.string() });

/** Reports as files: `DIR/<tenant>/<week>/revision-<n>.json`. One machine; several processes may read and write. */
export class FileReportStore extends ReportStore {
  private constructor(private readonly directory: string) {
    super();
  }

  static async open(settings: { readonly directory: string }): Promise<FileReportStore> {
    await mkdir(settings.directory, { recursive: true });
    return new FileReportStore(settings.directory);
  }

  /** Where the revisions of a week lie; a page rendered from one may be put beside it. */
  folderOf(tenant: string, week: string): string {
    // Throws for anything but a week: nothing else may become part of a path.
    weekBounds(week);
    return path.join(this.tenantFolder(tenant), week);
  }

  async publish(report: WeeklyReport): Promise<void> {
    const folder = this.folderOf(report.tenant, report.week);
    await mkdir(folder, { recursive: true });
    await writeWhole(path.join(this.tenantFolder(report.tenant), TENANT_FILE), { tenant: report.tenant });
    const target = path.join(folder, `revision-${report.revision}.json`);
    const temporary = await writeTemporary(target, report);
    try {
      // Unlike a rename, a link never replaces: the first writer of a revision wins.
      await link(temporary, target);
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST')) throw cause;
      throw new DomainError('revision-exists', `revision ${report.revision} of ${report.week} was published before`, {
        cause,
      });
    } finally {
      await rm(temporary, { force: true });
    }
    await syncFolder(folder);
  }

  async latest(tenant: string, week: string): Promise<WeeklyReport | undefined> {
    const newest = (await this.revisions(tenant, week)).at(-1);
    return newest === undefined ? undefined : this.revision(tenant, week, newest);
  }

  async revision(tenant: string, week: string, revision: number): Promise<WeeklyReport | undefined> {
    const folder = this.folderOf(tenant, week);
    if (!Number.isSafeInteger(revision) || revision < 1) return undefined;
    const report = await readJson(path.join(folder, `revision-${revision}.json`), weeklyReportSchema);
    // The folder's name is derived from the tenant's: what lies in it must say the same.
    return report?.tenant === tenant ? report : undefined;
  }

  async revisions(tenant: string, week: string): Promise<readonly number[]> {
    const names = await listFolder(this.folderOf(tenant, week));
    return names
      .map((name) => REVISION_FILE.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
      .toSorted((a, b) => a - b);
  }

  async weeks(tenant: string): Promise<readonly WeekId[]> {
    const names = await listFolder(this.tenantFolder(tenant));
    return names.filter(isWeek).toSorted();
  }

  async tenants(): Promise<readonly string[]> {
    const folders = await listFolder(this.directory);
    const names = await Promise.all(
      folders.map((folder) => readJson(path.join(this.directory, folder, TENANT_FILE), tenantSchema)),
    );
    return names.filter((name) => name !== undefined).map(({ tenant }) => tenant);
  }

  async recordFailure(tenant: string, failure: ReportFailure): Promise<void> {
    await mkdir(this.tenantFolder(tenant), { recursive: true });
    await writeWhole(path.join(this.tenantFolder(tenant), FAILURE_FILE), failure);
  }

  async lastFailure(tenant: string): Promise<ReportFailure | undefined> {
    return readJson(path.join(this.tenantFolder(tenant), FAILURE_FILE), failureSchema);
  }

  async clearFailure(tenant: string): Promise<void> {
    await rm(path.join(this.tenantFolder(tenant), FAILURE_FILE), { force: true });
  }

  async builtFrom(): Promise<string | undefined> {
    return (await readJson(path.join(this.directory, PROGRESS_FILE), progressSchema))?.goldSnapshot;
  }

  async setBuiltFrom(goldSnapshot: string): Promise<void> {
    await writeWhole(path.join(this.directory, PROGRESS_FILE), { goldSnapshot });
  }

  private tenantFolder(tenant: string): string {
    return path.join(this.directory, PLAIN_TENANT.test(tenant) ? tenant : `%${sha256(tenant).slice(0, 32)}`);
  }
}

function isWeek(name: string): name is WeekId {
  try {
    weekBounds(name);
    return true;
  } catch {
    return false;
  }
}

/** Readers see the old content or the new, never a part. */
async function writeWhole(target: string, content: unknown): Promise<void> {
  const temporary = await writeTemporary(target, content);
  await rename(temporary, target);
  await syncFolder(path.dirname(target));
}

async function writeTemporary(target: string, content: unknown): Promise<string> {
  const temporary = `${target}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'wx');
  try {
    await file.writeFile(`${JSON.stringify(content, undefined, 1)}\n`);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return temporary;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return [];
    throw error;
  }
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new DomainError('damaged-report', `${path.basename(file)} is not what was written there`, { cause });
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
