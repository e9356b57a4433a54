import assert from 'node:assert/strict';
import { Catalog, type Requirement, type TableDefinition, type Update } from '@watchkeeper/lakehouse/catalog';
import {
  commit,
  CommitConflict,
  CommitStateUnknown,
  currentSnapshot,
  liveFiles,
  type Snapshot,
  type Table,
  TableMissing,
  updateProperties,
} from '@watchkeeper/lakehouse/iceberg';
import type { Storage } from '@watchkeeper/lakehouse/storage';
import { aDataFile, ROWS_SCHEMA } from '../fixtures/data-files';

/** An empty place for tables; each `open` is another opening of it, as by another process. */
export interface CatalogHarness {
  open(): Promise<Catalog>;
}

export interface CatalogPromise {
  readonly number: number;
  readonly title: string;
  /** Rejects when the promise is broken. */
  check(harness: CatalogHarness): Promise<void>;
}

const TABLE = 'bronze.contract';
const DEFINITION: TableDefinition = { schema: ROWS_SCHEMA, partitionFields: [], properties: { made: 'first' } };

export const CATALOG_PROMISES: readonly CatalogPromise[] = [
  { number: 1, title: 'a table is created once, however many try at a time', check: createsOnce },
  { number: 2, title: 'a commit is all or nothing', check: commitsAllOrNothing },
  { number: 3, title: 'a commit on a table that has moved on is refused', check: refusesStaleCommits },
  { number: 4, title: 'writers that commit at a time lose nothing of one another', check: losesNothing },
  { number: 5, title: 'properties and snapshot of a commit are seen together', check: showsCommitsWhole },
  { number: 6, title: 'what a reader has loaded stays readable', check: keepsSnapshotsReadable },
  { number: 7, title: 'what a commit has returned, another opening sees', check: isSeenElsewhere },
  {
    number: 8,
    title: 'a commit whose answer was lost takes place once, or not at all and says so',
    check: settlesUnknownOutcomes,
  },
];

export function catalogContract(name: string, open: () => Promise<CatalogHarness>): void {
  describe(`${name} keeps the promises of Catalog`, () => {
    it.each(CATALOG_PROMISES.map((promise) => [promise.number, promise.title, promise] as const))(
      '%i. %s',
      async (_number, _title, promise) => {
        await promise.check(await open());
      },
    );
  });
}

async function createsOnce(harness: CatalogHarness): Promise<void> {
  const catalogs = await Promise.all(Array.from({ length: 6 }, () => harness.open()));
  const [first] = catalogs;
  assert.equal(await first!.exists(TABLE), false);
  await assert.rejects(first!.load(TABLE), TableMissing);
  const tables = await Promise.all(catalogs.map((catalog) => catalog.createTable(TABLE, DEFINITION)));
  assert.equal(new Set(tables.map((table) => table.metadata['table-uuid'])).size, 1, 'all have the same table');
  await append(first!, 2);
  const again = await catalogs[1]!.createTable(TABLE, { ...DEFINITION, properties: { made: 'again' } });
  assert.equal(again.metadata.properties['made'], 'first', 'a table that is there stays as it is');
  assert.equal(await rowsOf(catalogs[1]!, again), 2);
}

async function commitsAllOrNothing(harness: CatalogHarness): Promise<void> {
  const catalog = await harness.open();
  await catalog.createTable(TABLE, DEFINITION);
  const table = await append(catalog, 1);
  const set: Update = { action: 'set-properties', updates: { half: 'done' } };
  const unmet: Requirement = { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': 1n };
  await assert.rejects(catalog.commit(table, [unmet], [set]), CommitConflict);
  await assert.rejects(catalog.commit(table, [{ type: 'assert-table-uuid', uuid: 'another' }], [set]), CommitConflict);
  const impossible: Update = { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': 1n };
  await assert.rejects(catalog.commit(table, [], [set, impossible]));
  const after = await (await harness.open()).load(TABLE);
  assert.deepEqual(after.metadata, table.metadata, 'nothing has changed');
}

async function refusesStaleCommits(harness: CatalogHarness): Promise<void> {
  const [a, b] = [await harness.open(), await harness.open()];
  const stale = await a.createTable(TABLE, DEFINITION);
  await append(b, 3);
  const late: Update = { action: 'set-properties', updates: { late: 'yes' } };
  const requirement: Requirement = { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': null };
  await assert.rejects(a.commit(stale, [requirement], [late]), CommitConflict);
  await assert.rejects(a.commit(stale, [], [late]), CommitConflict, 'also when its requirements would still hold');
  assert.equal((await b.load(TABLE)).metadata.properties['late'], undefined);
}

async function losesNothing(harness: CatalogHarness): Promise<void> {
  const writers = 4;
  const commits = 6;
  await (await harness.open()).createTable(TABLE, DEFINITION);
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const catalog = await harness.open();
      for (let i = 0; i < commits; i++) await append(catalog, 1 + writer, { property: `w${writer}.${i}` });
    }),
  );
  const catalog = await harness.open();
  const table = await catalog.load(TABLE);
  assert.equal(await rowsOf(catalog, table), commits * ((writers * (writers + 1)) / 2));
  assert.equal((await liveFiles(catalog.storage, table)).length, writers * commits);
  assert.equal(table.metadata.snapshots.length, writers * commits);
  const marks = Object.keys(table.metadata.properties).filter((name) => name.startsWith('w'));
  assert.equal(marks.length, writers * commits, 'nobody has put back an older state of the properties');
}

async function showsCommitsWhole(harness: CatalogHarness): Promise<void> {
  const [writer, reader] = [await harness.open(), await harness.open()];
  await writer.createTable(TABLE, DEFINITION);
  const writes = { left: 15 };
  const reading = async (): Promise<void> => {
    while (writes.left > 0) {
      const table = await reader.load(TABLE);
      const rows = Number(table.metadata.properties['rows'] ?? 0);
      assert.equal(
        rows,
        Number(currentSnapshot(table)?.summary['total-records'] ?? 0),
        'rows by property and by snapshot',
      );
      assert.equal(await rowsOf(reader, table), rows, 'rows by files');
    }
  };
  const writing = async (): Promise<void> => {
    try {
      for (let i = 1; writes.left > 0; i++, writes.left--) await append(writer, 1, { rows: i });
    } finally {
      writes.left = 0;
    }
  };
  await Promise.all([reading(), writing()]);
}

async function keepsSnapshotsReadable(harness: CatalogHarness): Promise<void> {
  const [writer, reader] = [await harness.open(), await harness.open()];
  await writer.createTable(TABLE, DEFINITION);
  await append(writer, 5);
  const loaded = await reader.load(TABLE);
  const [file] = await liveFiles(writer.storage, loaded);
  await append(writer, 7);
  await commit(writer, TABLE, { operation: 'delete', add: [], remove: [file!.path] });
  const fresh = await harness.open();
  assert.equal(await rowsOf(fresh, loaded), 5, 'the snapshot that was loaded');
  const now = await fresh.load(TABLE);
  assert.equal(await rowsOf(fresh, now), 7);
  const [first] = now.metadata.snapshots;
  const past = await liveFiles(fresh.storage, now, { snapshotId: first!['snapshot-id'] });
  assert.deepEqual(
    past.map((old) => old.path),
    [file!.path],
    'the past by its snapshot',
  );
}

async function isSeenElsewhere(harness: CatalogHarness): Promise<void> {
  const [a, b] = [await harness.open(), await harness.open()];
  await a.createTable(TABLE, DEFINITION);
  for (let i = 0; i < 4; i++) {
    const committed = await append(i % 2 === 0 ? a : b, 1);
    const seen = await (i % 2 === 0 ? b : a).load(TABLE);
    assert.equal(currentSnapshot(seen)?.['snapshot-id'], currentSnapshot(committed)?.['snapshot-id']);
    assert.deepEqual(seen.metadata.properties, committed.metadata.properties);
  }
  await updateProperties(a, TABLE, { made: undefined, noted: 'yes' });
  assert.deepEqual((await b.load(TABLE)).metadata.properties['noted'], 'yes');
  assert.equal((await b.load(TABLE)).metadata.properties['made'], undefined);
}

async function settlesUnknownOutcomes(harness: CatalogHarness): Promise<void> {
  const catalog = await harness.open();
  await catalog.createTable(TABLE, DEFINITION);
  let rows = 0;
  for (const fault of ['answer lost', 'question lost'] as const) {
    await append(new Unreliable(catalog, [fault]), 1);
    assert.equal(await rowsOf(catalog, await catalog.load(TABLE)), ++rows, `${fault}, then heard`);
    await append(new Unreliable(catalog, [fault, fault, 'answer lost']), 1);
    assert.equal(await rowsOf(catalog, await catalog.load(TABLE)), ++rows, `${fault} again and again`);
  }
  // Lost for good: nothing was changed, and the files that it might need are there.
  const deaf = new Unreliable(
    catalog,
    Array.from({ length: 9 }, () => 'question lost' as const),
  );
  await assert.rejects(append(deaf, 1, { retriesMax: 2 }), CommitStateUnknown);
  assert.equal(await rowsOf(catalog, await catalog.load(TABLE)), rows);
  // Properties alone.
  const change = { operation: 'append', add: [], decide: () => ({ properties: { alone: 'yes' } }) } as const;
  await commit(new Unreliable(catalog, ['answer lost']), TABLE, change, { unknownWaitMsMax: 20 });
  assert.equal((await catalog.load(TABLE)).metadata.properties['alone'], 'yes');
}

type Fault = 'answer lost' | 'question lost';

/** The catalog behind a bad line: of each of the next commits, the way there or the way back is lost. */
class Unreliable extends Catalog {
  constructor(
    private readonly inner: Catalog,
    private readonly faults: Fault[],
  ) {
    super();
  }

  override get storage(): Storage {
    return this.inner.storage;
  }

  override createTable(id: string, definition: TableDefinition): Promise<Table> {
    return this.inner.createTable(id, definition);
  }

  override load(id: string): Promise<Table> {
    return this.inner.load(id);
  }

  override exists(id: string): Promise<boolean> {
    return this.inner.exists(id);
  }

  override async commit(
    table: Table,
    requirements: readonly Requirement[],
    updates: readonly Update[],
  ): Promise<Table> {
    const fault = this.faults.shift();
    if (fault === 'question lost') throw new CommitStateUnknown('the question was lost');
    const committed = await this.inner.commit(table, requirements, updates);
    if (fault === 'answer lost') throw new CommitStateUnknown('the answer was lost');
    return committed;
  }
}

async function append(
  catalog: Catalog,
  rows: number,
  options: { property?: string; rows?: number; retriesMax?: number } = {},
): Promise<Table> {
  const file = await aDataFile(catalog.storage, await catalog.load(TABLE), { rows });
  const properties = {
    ...(options.property === undefined ? {} : { [options.property]: 'here' }),
    ...(options.rows === undefined ? {} : { rows: String(options.rows) }),
  };
  return commit(
    catalog,
    TABLE,
    { operation: 'append', add: [file], decide: () => ({ properties }) },
    { retriesMax: options.retriesMax ?? 100, unknownWaitMsMax: 20 },
  );
}

/** As a reader counts them: from the files that the manifests name, each of which must be there. */
async function rowsOf(catalog: Catalog, table: Table): Promise<number> {
  const files = await liveFiles(catalog.storage, table);
  for (const file of files) assert.ok(await catalog.storage.exists(file.path), 'a file that a snapshot names is there');
  const rows = files.reduce((sum, file) => sum + Number(file.recordCount), 0);
  const snapshot: Snapshot | undefined = currentSnapshot(table);
  assert.equal(rows, Number(snapshot?.summary['total-records'] ?? 0), 'the snapshot counts its rows');
  return rows;
}
