import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryCatalog } from '../catalog/directory';
import { aDataFile, BY_DAY, ROWS_SCHEMA } from '../../../../test/fixtures/data-files';
import { commit } from './commit';
import { CommitConflict, CommitRefused, Fenced } from './errors';
import { expireSnapshots } from './expire-snapshots';
import { entriesOf, manifestsOf } from './manifest-reader';
import { currentSchema, currentSnapshot } from './metadata';
import { removeOrphans } from './remove-orphans';
import { filesAddedSince, liveFiles } from './scan';
import { evolveSchema, updateProperties } from './table-changes';
import type { DataFile, Table } from './types';

const ID = 'bronze.events';
const HOUR_MS = 3_600_000;
let root: string;
let catalog: DirectoryCatalog;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.now();
  root = await mkdtemp(join(tmpdir(), 'iceberg-'));
  catalog = await open();
  await catalog.createTable(ID, { schema: ROWS_SCHEMA, partitionFields: [BY_DAY], properties: {} });
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('commit', () => {
  it('writes a snapshot whose summary counts files and rows', async () => {
    await append([await onDay(1, 10), await onDay(2, 5)]);
    const [first] = await files();
    const table = await commit(catalog, ID, {
      operation: 'overwrite',
      add: [await onDay(1, 3)],
      remove: [first!.path],
    });
    expect(currentSnapshot(table)?.summary).toMatchObject({
      operation: 'overwrite',
      'added-data-files': '1',
      'added-records': '3',
      'deleted-data-files': '1',
      'deleted-records': '10',
      'total-data-files': '2',
      'total-records': '8',
    });
    expect(await rowsLive()).toBe(8);
  });

  it('asks decide again with the table as it stands, and uses its data manifest again', async () => {
    const seen: number[] = [];
    const other = await onDay(1);
    const mine = await onDay(2);
    let rival: Promise<unknown> | undefined;
    const table = await commit(
      catalog,
      ID,
      {
        operation: 'append',
        add: [mine],
        decide: (metadata) => {
          seen.push(metadata.snapshots.length);
          return { properties: { seen: String(metadata.snapshots.length) }, summary: { mark: 'm' } };
        },
      },
      {
        reached: (point) =>
          point === 'afterManifestList' ? (rival ??= append([other])).then(() => undefined) : undefined,
      },
    );
    expect(seen).toEqual([0, 1]);
    expect(table.metadata.properties['seen']).toBe('1');
    expect(currentSnapshot(table)?.summary['mark']).toBe('m');
    expect((await files()).map((file) => file.path).toSorted()).toEqual([mine.path, other.path].toSorted());
    // Two snapshots with a list and a manifest each: what the failed attempt wrote is gone.
    expect((await metadataNames()).filter((name) => name.endsWith('.avro'))).toHaveLength(4);
  });

  it('changes nothing and leaves nothing when decide gives up', async () => {
    await append([await onDay(1)]);
    const before = await metadataNames();
    const fence = () => {
      throw new Fenced('somebody else');
    };
    await expect(commit(catalog, ID, { operation: 'append', add: [await onDay(1)], decide: fence })).rejects.toThrow(
      Fenced,
    );
    expect(await metadataNames()).toEqual(before);
  });

  it('refuses to take out a file that is no longer live', async () => {
    const file = await onDay(1);
    await append([file]);
    await commit(catalog, ID, { operation: 'delete', add: [], remove: [file.path] });
    const before = await metadataNames();
    const again = commit(catalog, ID, { operation: 'replace', add: [await onDay(1)], remove: [file.path] });
    await expect(again).rejects.toThrow(CommitConflict);
    expect(await metadataNames()).toEqual(before);
  });

  it('refuses a file that is not there, and one that is named twice', async () => {
    const file = await onDay(1);
    await expect(append([{ ...file, path: `${file.path}x` }])).rejects.toMatchObject({ code: 'file-missing' });
    await expect(append([file, file])).rejects.toThrow(CommitRefused);
    expect(await files()).toEqual([]);
  });

  it('sets properties without a snapshot when there are no files', async () => {
    const table = await commit(catalog, ID, {
      operation: 'append',
      add: [],
      decide: () => ({ properties: { offsets: '[1]' } }),
    });
    expect(table.metadata.properties['offsets']).toBe('[1]');
    expect(table.metadata.snapshots).toEqual([]);
  });

  it('gives back files as they were added', async () => {
    const file = await onDay(7, 3);
    await append([file]);
    expect(await liveFiles((await open()).storage, await table())).toEqual([file]);
  });

  it('merges small manifests, and drops those without files', async () => {
    await updateProperties(catalog, ID, { 'commit.manifest.min-count-to-merge': '5' });
    const all: DataFile[] = [];
    for (let i = 0; i < 12; i++) {
      all.push(await onDay(i));
      await append([all[i]!]);
    }
    expect((await manifestsOf(catalog.storage, currentSnapshot(await table()))).length).toBeLessThanOrEqual(5);
    expect(new Set((await files()).map((file) => file.path))).toEqual(new Set(all.map((file) => file.path)));
    await commit(catalog, ID, { operation: 'delete', add: [], remove: all.map((file) => file.path) });
    await append([await onDay(1)]);
    expect(await manifestsOf(catalog.storage, currentSnapshot(await table()))).toHaveLength(1);
  });

  it('numbers files by the commit that added them, also after they were moved to another manifest', async () => {
    await append([await onDay(1), await onDay(1)]);
    await append([await onDay(2)]);
    const [, , kept] = (await files()).toReversed();
    const removed = (await files()).find((file) => file.partition['day'] === 1 && file.path !== kept?.path);
    await commit(catalog, ID, { operation: 'delete', add: [], remove: [removed!.path] });
    const now = await table();
    const manifests = await manifestsOf(catalog.storage, currentSnapshot(now));
    const entries = (
      await Promise.all(manifests.map((manifest) => entriesOf(catalog.storage, now.metadata, manifest)))
    ).flat();
    const numbers = entries.map((entry) => [entry.status, entry.sequenceNumber, entry.fileSequenceNumber]);
    expect(numbers).toHaveLength(3);
    expect(numbers).toEqual(
      expect.arrayContaining([
        [0, 1n, 1n],
        [1, 2n, 2n],
        [2, 1n, 1n],
      ]),
    );
    expect(new Set(manifests.map((manifest) => manifest.minSequenceNumber))).toEqual(new Set([1n, 2n]));
  });

  it('keeps so many old metadata files as the table says', async () => {
    await updateProperties(catalog, ID, { 'write.metadata.previous-versions-max': '3' });
    for (let i = 0; i < 8; i++) await updateProperties(catalog, ID, { i: String(i) });
    expect((await metadataNames()).filter((name) => name.endsWith('.metadata.json')).toSorted()).toEqual([
      'v10.metadata.json',
      'v7.metadata.json',
      'v8.metadata.json',
      'v9.metadata.json',
    ]);
  });

  it('takes no gap for the end of the table: a writer that slept past the kept metadata changes nothing', async () => {
    await updateProperties(catalog, ID, { 'write.metadata.previous-versions-max': '2' });
    const sleeper = await open();
    const old = await sleeper.load(ID);
    for (let i = 0; i < 6; i++) await append([await onDay(i)]);
    const stale = sleeper.commit(old, [], [{ action: 'set-properties', updates: { lost: 'yes' } }]);
    await expect(stale).rejects.toMatchObject({ code: 'commit-state-unknown' });
    expect((await (await open()).load(ID)).metadata.snapshots).toHaveLength(6);
  });
});

describe('liveFiles', () => {
  it('reads only manifests that may hold a wanted partition', async () => {
    for (let day = 0; day < 6; day++) await append([await onDay(day)]);
    const fresh = await open();
    const read = jest.spyOn(fresh.storage, 'read');
    const found = await liveFiles(fresh.storage, await fresh.load(ID), { partition: ({ day }) => day === 4 });
    expect(found.map((file) => file.partition)).toEqual([{ day: 4 }]);
    expect(read.mock.calls.filter(([path]) => path.endsWith('-m0.avro'))).toHaveLength(1);
  });

  it('finds files without a partition value, and those of manifests with many partitions', async () => {
    await append([await onDay(1), await onDay(null), await onDay(9), await onDay(90_000)]);
    const wanted = async (day: number | null) =>
      (await liveFiles(catalog.storage, await table(), { partition: (values) => values['day'] === day })).length;
    expect(await Promise.all([wanted(null), wanted(9), wanted(90_000), wanted(5)])).toEqual([1, 1, 1, 0]);
  });

  it('goes back to an older snapshot', async () => {
    const first = await append([await onDay(1)]);
    await append([await onDay(2)]);
    const id = currentSnapshot(first)!['snapshot-id'];
    expect(await liveFiles(catalog.storage, await table(), { snapshotId: id })).toHaveLength(1);
    await expect(liveFiles(catalog.storage, await table(), { snapshotId: 1n })).rejects.toMatchObject({
      code: 'snapshot-missing',
    });
  });

  it('names the manifest that is damaged', async () => {
    await append([await onDay(1)]);
    const [manifest] = await manifestsOf(catalog.storage, currentSnapshot(await table()));
    await writeFile(manifest!.path, 'not avro');
    await expect(liveFiles((await open()).storage, await table())).rejects.toThrow(manifest!.path);
  });
});

describe('filesAddedSince', () => {
  it('tells what was added and removed, but for compactions, which change no row', async () => {
    const [a, b, c] = [await onDay(1), await onDay(1), await onDay(1)];
    const from = currentSnapshot(await append([a]))!['snapshot-id'];
    await append([b]);
    await commit(catalog, ID, { operation: 'replace', add: [c], remove: [a.path, b.path] });
    const d = await onDay(2);
    await commit(catalog, ID, { operation: 'overwrite', add: [d], remove: [c.path] });
    const since = await filesAddedSince(catalog.storage, await table(), from);
    expect(since?.added.map((file) => file.path)).toEqual([b.path, d.path]);
    expect(since?.removed.map((file) => file.path)).toEqual([c.path]);
    const all = await filesAddedSince(catalog.storage, await table(), null);
    expect(all?.added.map((file) => file.path)).toEqual([a.path, b.path, d.path]);
    const now = await table();
    expect(await filesAddedSince(catalog.storage, now, currentSnapshot(now)!['snapshot-id'])).toEqual({
      added: [],
      removed: [],
    });
  });

  it('does not know once the line was expired', async () => {
    const from = currentSnapshot(await append([await onDay(1)]))!['snapshot-id'];
    for (let i = 0; i < 3; i++) await append([await onDay(i)]);
    await expireSnapshots(catalog, ID, { olderThanMs: -HOUR_MS, keepMin: 2 });
    expect(await filesAddedSince(catalog.storage, await table(), from)).toBeUndefined();
    expect(await filesAddedSince(catalog.storage, await table(), null)).toBeUndefined();
  });
});

describe('expireSnapshots', () => {
  it('removes exactly what only old snapshots need', async () => {
    const [a, b] = [await onDay(1), await onDay(2)];
    await append([a]);
    await append([b]);
    await commit(catalog, ID, { operation: 'replace', add: [await onDay(1, 2)], remove: [a.path] });
    nowMs += 10 * HOUR_MS;
    await append([await onDay(3)]);
    expect(await expireSnapshots(catalog, ID, { olderThanMs: HOUR_MS, keepMin: 1, now: () => nowMs })).toBe(3);
    expect(await dataPaths()).toEqual((await files()).map((file) => file.path).toSorted());
    expect(await dataPaths()).not.toContain(a.path);
    expect(await rowsLive()).toBe(4);
    // Nothing is left over, and nothing is missing.
    expect(await removeOrphans(catalog, ID, { olderThanMs: -HOUR_MS, now: () => nowMs })).toBe(0);
    expect(await expireSnapshots(catalog, ID, { olderThanMs: HOUR_MS, keepMin: 1, now: () => nowMs })).toBe(0);
  });

  it('keeps so many snapshots whatever their age', async () => {
    for (let i = 0; i < 5; i++) await append([await onDay(i)]);
    expect(await expireSnapshots(catalog, ID, { olderThanMs: -HOUR_MS, keepMin: 3 })).toBe(2);
    const { metadata } = await table();
    for (const snapshot of metadata.snapshots) {
      const found = await liveFiles((await open()).storage, await table(), { snapshotId: snapshot['snapshot-id'] });
      expect(found).toHaveLength(Number(snapshot.summary['total-data-files']));
    }
    expect(metadata.snapshots).toHaveLength(3);
    expect(metadata['snapshot-log']).toHaveLength(3);
  });

  it('keeps every snapshot that is young', async () => {
    for (let i = 0; i < 3; i++) await append([await onDay(i)]);
    expect(await expireSnapshots(catalog, ID, { olderThanMs: HOUR_MS, keepMin: 1 })).toBe(0);
  });
});

describe('removeOrphans', () => {
  it('removes old files that nobody names, and no others', async () => {
    await append([await onDay(1)]);
    await append([await onDay(2)]);
    const location = (await table()).metadata.location;
    const orphan = await onDay(3);
    const young = await onDay(4);
    await writeFile(join(location, 'metadata', '.killed.tmp'), 'x');
    for (const path of [
      ...(await dataPaths()),
      ...(await metadataNames()).map((name) => join(location, 'metadata', name)),
    ]) {
      if (path !== young.path) await age(path, 5 * HOUR_MS);
    }
    const before = await metadataNames();
    expect(await removeOrphans(catalog, ID, { olderThanMs: HOUR_MS })).toBe(2);
    expect(await catalog.storage.exists(orphan.path)).toBe(false);
    expect(await catalog.storage.exists(young.path)).toBe(true);
    expect(await metadataNames()).toEqual(before.filter((name) => name !== '.killed.tmp'));
    expect(await liveFiles((await open()).storage, await (await open()).load(ID))).toHaveLength(2);
  });

  it('leaves old files alone that a commit under way names', async () => {
    const file = await onDay(1);
    await age(file.path, 5 * HOUR_MS);
    let removed = -1;
    await commit(
      catalog,
      ID,
      { operation: 'append', add: [file] },
      {
        reached: async (point) => {
          if (point === 'afterManifestList') removed = await removeOrphans(catalog, ID, { olderThanMs: HOUR_MS });
        },
      },
    );
    expect(removed).toBe(0);
    expect(await catalog.storage.exists(file.path)).toBe(true);
  });

  it('waits while a young manifest cannot be read', async () => {
    const file = await onDay(1);
    await age(file.path, 5 * HOUR_MS);
    await writeFile(join((await table()).metadata.location, 'metadata', 'torn-m0.avro'), 'Obj');
    expect(await removeOrphans(catalog, ID, { olderThanMs: HOUR_MS })).toBe(0);
    expect(await catalog.storage.exists(file.path)).toBe(true);
  });
});

describe('evolveSchema', () => {
  const added = { id: 9, name: 'lang', required: false, type: 'string' } as const;

  it('adds fields once, by their ids', async () => {
    await evolveSchema(catalog, ID, [added]);
    const { metadata } = await evolveSchema(catalog, ID, [added]);
    expect(currentSchema(metadata).fields.map((field) => field.id)).toEqual([1, 2, 3, 9]);
    expect([metadata['last-column-id'], metadata['current-schema-id'], metadata.schemas.length]).toEqual([9, 1, 2]);
  });

  it('gives ids that were never used', async () => {
    const { metadata } = await evolveSchema(catalog, ID, (schema, nextId) => ({
      ...schema,
      fields: [...schema.fields, { ...added, id: nextId() }],
    }));
    expect(currentSchema(metadata).fields.at(-1)?.id).toBe(5);
  });

  it('renames a field, whose rows are told by its id', async () => {
    const { metadata } = await evolveSchema(catalog, ID, (schema) => ({
      ...schema,
      fields: schema.fields.map((field) => (field.id === 1 ? { ...field, name: 'id' } : field)),
    }));
    expect(currentSchema(metadata).fields[0]).toMatchObject({ id: 1, name: 'id' });
  });

  it.each([
    ['an id that a list element has', { ...added, id: 4 }],
    ['a name that is taken', { ...added, name: 'event_id' }],
    ['a field that rows must have', { ...added, required: true }],
    ['another type', { ...added, id: 1, name: 'event_id', type: 'long' }],
  ] as const)('refuses %s', async (_what, field) => {
    await expect(evolveSchema(catalog, ID, [field])).rejects.toThrow(CommitRefused);
    expect((await table()).metadata.schemas).toHaveLength(1);
  });

  it('loses neither of two changes at a time', async () => {
    await Promise.all([
      evolveSchema(await open(), ID, [added]),
      append([await onDay(1)]),
      updateProperties(await open(), ID, { a: '1' }),
      evolveSchema(await open(), ID, [{ ...added, id: 10, name: 'surface' }]),
    ]);
    const { metadata } = await table();
    expect(new Set(currentSchema(metadata).fields.map((field) => field.name))).toEqual(
      new Set(['event_id', 'appended_at', 'tags', 'lang', 'surface']),
    );
    expect([metadata.snapshots.length, metadata.properties['a']]).toEqual([1, '1']);
  });
});

async function open(): Promise<DirectoryCatalog> {
  return DirectoryCatalog.open({ root, now: () => nowMs });
}

const table = (): Promise<Table> => catalog.load(ID);

async function onDay(day: number | null, rows = 1): Promise<DataFile> {
  const file = await aDataFile(catalog.storage, await table(), { rows, partition: { day } });
  return { ...file, splitOffsets: [4n], sortOrderId: 0 };
}

async function append(add: readonly DataFile[]): Promise<Table> {
  return commit(catalog, ID, { operation: 'append', add }, { now: () => nowMs });
}

async function files(): Promise<DataFile[]> {
  return liveFiles(catalog.storage, await table());
}

async function rowsLive(): Promise<number> {
  return (await files()).reduce((sum, file) => sum + Number(file.recordCount), 0);
}

async function metadataNames(): Promise<string[]> {
  return (await readdir(join(root, 'bronze/events/metadata'))).toSorted();
}

async function dataPaths(): Promise<string[]> {
  const folder = join(root, 'bronze/events/data');
  return (await readdir(folder)).map((name) => join(folder, name)).toSorted();
}

async function age(path: string, byMs: number): Promise<void> {
  const at = new Date(Date.now() - byMs);
  await utimes(path, at, at);
}
