import { randomUUID } from 'node:crypto';
import type { Catalog } from '../catalog/catalog';
import type { Requirement, Update } from '../catalog/updates';
import { CommitConflict, CommitRefused, CommitStateUnknown } from './errors';
import type { Reached } from './failpoints';
import { ancestry } from './metadata';
import { eachOf } from './parallel';
import { pauseAfter, sleep } from './pause';
import { COMMIT_ID, SnapshotBuilder } from './snapshot-builder';
import type { Change, SnapshotId, Table, TableMetadata } from './types';

export interface CommitOptions {
  /** Attempts after the first one. */
  readonly retriesMax?: number;
  /** How long to ask the table whether a commit of unknown outcome has landed, before it is tried again. */
  readonly unknownWaitMsMax?: number;
  readonly reached?: Reached;
  readonly now?: () => number;
}

const RETRIES_MAX = 20;
const UNKNOWN_WAIT_MS_MAX = 3000;
const UNKNOWN_ASK_MS = 50;

/**
 * Makes a change the table's next snapshot; without files to add or remove, sets properties only. On a conflict the
 * table is loaded again and `decide` asked again. Resolves with the table that has the change.
 *
 * Throws CommitConflict when the change can no longer be made or others were always faster, CommitStateUnknown when it
 * may have taken place, and what `decide` throws. The files of `change.add` may be deleted after any error but
 * CommitStateUnknown.
 */
export async function commit(
  catalog: Catalog,
  tableId: string,
  change: Change,
  options: CommitOptions = {},
): Promise<Table> {
  if (change.operation === 'append' && (change.remove?.length ?? 0) > 0) {
    throw new CommitRefused('an append takes no file out');
  }
  return new Commit(catalog, tableId, change, options).run();
}

/** What became of an attempt whose answer was lost. `lost`: the line of snapshots that would tell was expired. */
type Fate = 'landed' | 'refuted' | 'pending' | 'lost';

class Commit {
  private readonly commitId = randomUUID();
  private readonly builder: SnapshotBuilder;
  private readonly isSnapshot: boolean;
  /** Parents of the attempts that may yet turn out to have landed. While there are any, no file is deleted and no refusal is final. */
  private unknown: readonly (SnapshotId | null)[] = [];
  private areDataFilesDurable = false;

  constructor(
    private readonly catalog: Catalog,
    private readonly tableId: string,
    private readonly change: Change,
    private readonly options: CommitOptions,
  ) {
    this.isSnapshot = change.add.length > 0 || (change.remove?.length ?? 0) > 0;
    this.builder = new SnapshotBuilder(catalog.storage, change, {
      commitId: this.commitId,
      reached: options.reached ?? (() => undefined),
      now: options.now ?? Date.now,
    });
  }

  async run(): Promise<Table> {
    const retriesMax = this.options.retriesMax ?? RETRIES_MAX;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.attempt();
      if (outcome.table) return outcome.table;
      if (attempt >= retriesMax) return this.giveUp(outcome.error);
      await pauseAfter(attempt);
    }
  }

  private async attempt(): Promise<{ readonly table?: Table; readonly error?: unknown }> {
    const table = await this.catalog.load(this.tableId).catch((error: unknown) => this.giveUp(error));
    const fate = this.settle(table.metadata);
    if (fate === 'landed') return { table: await this.landed(table) };
    if (fate === 'lost') return this.giveUp(new CommitConflict(`cannot tell what became of commit ${this.commitId}`));
    const prepared = await this.prepare(table).catch((error: unknown) => this.giveUp(error));
    try {
      const committed = await this.catalog.commit(table, prepared.requirements, prepared.updates);
      return { table: await this.landed(committed) };
    } catch (error) {
      if (error instanceof CommitConflict) {
        if (prepared.list !== undefined) await this.builder.discard(prepared.list);
        return { error };
      }
      if (error instanceof CommitRefused) return this.giveUp(error);
      this.unknown = [...this.unknown, table.metadata['current-snapshot-id']];
      const found = await this.ask();
      return found ? { table: await this.landed(found) } : { error };
    }
  }

  private async prepare(table: Table): Promise<{
    readonly requirements: readonly Requirement[];
    readonly updates: readonly Update[];
    readonly list: string | undefined;
  }> {
    const { metadata } = table;
    const decision = this.change.decide?.(metadata) ?? {};
    const requirements: Requirement[] = [
      { type: 'assert-table-uuid', uuid: metadata['table-uuid'] },
      { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': metadata.refs['main']?.['snapshot-id'] ?? null },
    ];
    if (!this.isSnapshot) {
      // No snapshot carries the commit's id, so a property does.
      const updates = { ...decision.properties, [COMMIT_ID]: this.commitId };
      return { requirements, updates: [{ action: 'set-properties', updates }], list: undefined };
    }
    await this.syncDataFiles();
    const snapshot = await this.builder.build(metadata, decision.summary ?? {});
    const id = snapshot['snapshot-id'];
    const updates: Update[] = [
      { action: 'add-snapshot', snapshot },
      { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': id },
    ];
    if (decision.properties) updates.push({ action: 'set-properties', updates: decision.properties });
    return { requirements, updates, list: snapshot['manifest-list'] };
  }

  /** Whoever wrote them may have left them in the memory of the operating system. */
  private async syncDataFiles(): Promise<void> {
    if (this.areDataFilesDurable) return;
    await eachOf(this.change.add, (file) => this.catalog.storage.sync(file.path));
    this.areDataFilesDurable = true;
  }

  /** Asks the table for a while; undefined: it does not have the commit, or not yet. */
  private async ask(): Promise<Table | undefined> {
    const until = Date.now() + (this.options.unknownWaitMsMax ?? UNKNOWN_WAIT_MS_MAX);
    for (let wait = UNKNOWN_ASK_MS; ; wait *= 2) {
      const table = await this.catalog.load(this.tableId).catch(() => undefined);
      const fate = table ? this.settle(table.metadata) : 'pending';
      if (table && fate === 'landed') return table;
      const left = until - Date.now();
      if (fate !== 'pending' || left <= 0) return undefined;
      await sleep(Math.min(wait, left));
    }
  }

  /** Forgets the attempts that the table rules out. */
  private settle(metadata: TableMetadata): Fate {
    if (this.unknown.length === 0) return 'refuted';
    if (this.hasLanded(metadata)) return 'landed';
    if (!this.isSnapshot) return 'pending';
    const fates = this.unknown.map((parentId) => fateOf(metadata, parentId));
    this.unknown = this.unknown.filter((_, i) => fates[i] !== 'refuted');
    if (fates.includes('lost')) return 'lost';
    return fates.includes('pending') ? 'pending' : 'refuted';
  }

  private hasLanded(metadata: TableMetadata): boolean {
    if (!this.isSnapshot) return metadata.properties[COMMIT_ID] === this.commitId;
    return metadata.snapshots.some((snapshot) => snapshot.summary[COMMIT_ID] === this.commitId);
  }

  /** What only failed attempts wrote is taken away, unless one of them may yet land. */
  private async landed(table: Table): Promise<Table> {
    const mine = table.metadata.snapshots.find((snapshot) => snapshot.summary[COMMIT_ID] === this.commitId);
    if (mine && this.unknown.length === 0) await this.discardAllBut(this.builder.needs(mine['manifest-list']));
    return table;
  }

  private async giveUp(error: unknown): Promise<never> {
    if (this.unknown.length > 0) {
      throw new CommitStateUnknown(`commit ${this.commitId} of ${this.tableId} may have taken place`, { cause: error });
    }
    await this.discardAllBut([]);
    throw error;
  }

  private async discardAllBut(needed: readonly string[]): Promise<void> {
    for (const path of this.builder.written) if (!needed.includes(path)) await this.builder.discard(path);
  }
}

/**
 * An attempt asked for a parent. While that is still the current snapshot the attempt may land; once the table has
 * gone on from the parent without it, it never can.
 */
function fateOf(metadata: TableMetadata, parentId: SnapshotId | null): Fate {
  const current = metadata['current-snapshot-id'];
  if (current === parentId) return 'pending';
  let oldest: SnapshotId | null = current;
  for (const snapshot of ancestry(metadata, current)) oldest = snapshot['parent-snapshot-id'] ?? null;
  const passed = [...ancestry(metadata, current)].some((snapshot) => snapshot['parent-snapshot-id'] === parentId);
  return passed || (parentId === null && oldest === null) ? 'refuted' : 'lost';
}
