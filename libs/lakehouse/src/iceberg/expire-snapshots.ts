import type { Catalog } from '../catalog/catalog';
import type { Storage } from '../storage/storage';
import { entriesOf, liveEntriesOf, manifestsOf } from './manifest-reader';
import type { ManifestFile } from './manifest-list';
import { ancestry } from './metadata';
import { eachOf } from './parallel';
import { sameTable, untilCommitted } from './table-changes';
import type { Snapshot, SnapshotId, Table, TableMetadata } from './types';

export interface ExpireOptions {
  /** A span: snapshots of this age and younger stay. */
  readonly olderThanMs: number;
  /** So many of the main line stay whatever their age, the current one among them. */
  readonly keepMin: number;
  readonly now?: () => number;
}

/**
 * Forgets old snapshots and removes the files that only they needed. Ended half way, it leaves orphans, never a
 * snapshot without its files: files go after the commit. Returns how many snapshots were forgotten.
 */
export async function expireSnapshots(catalog: Catalog, tableId: string, options: ExpireOptions): Promise<number> {
  const now = options.now ?? Date.now;
  let before: Table | undefined;
  const after = await untilCommitted(catalog, tableId, (table) => {
    const ids = expired(table.metadata, now() - options.olderThanMs, options.keepMin);
    if (ids.length === 0) return { requirements: [], updates: [] };
    before = table;
    const ref = table.metadata.refs['main']?.['snapshot-id'] ?? null;
    return {
      requirements: [sameTable(table.metadata), { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': ref }],
      updates: [{ action: 'remove-snapshots', 'snapshot-ids': ids }],
    };
  });
  if (!before) return 0;
  const kept = new Set(after.metadata.snapshots.map((snapshot) => snapshot['snapshot-id']));
  const gone = before.metadata.snapshots.filter((snapshot) => !kept.has(snapshot['snapshot-id']));
  await eachOf(await neededOnlyBy(catalog.storage, gone, after.metadata), (path) => catalog.storage.remove(path));
  return gone.length;
}

/** Everything that the snapshots of a table need: manifest lists, manifests and live data files. */
export async function reachableFiles(storage: Storage, metadata: TableMetadata): Promise<Set<string>> {
  const paths = new Set<string>();
  const manifests = await manifestsOfAll(storage, metadata.snapshots);
  for (const snapshot of metadata.snapshots) paths.add(snapshot['manifest-list']);
  for (const path of manifests.keys()) paths.add(path);
  // Delete files of other writers are named in manifests that are not read here; removeOrphans refuses such tables.
  await eachOf(dataManifests(manifests), async (manifest) => {
    for (const { file } of await liveEntriesOf(storage, metadata, manifest)) paths.add(file.path);
  });
  return paths;
}

function expired(metadata: TableMetadata, beforeMs: number, keepMin: number): SnapshotId[] {
  const refs = Object.values(metadata.refs).map((ref) => ref['snapshot-id']);
  const line = [...ancestry(metadata, metadata['current-snapshot-id'])].slice(0, Math.max(1, keepMin));
  const kept = new Set([...refs, ...line.map((snapshot) => snapshot['snapshot-id'])]);
  return metadata.snapshots
    .filter((snapshot) => snapshot['timestamp-ms'] < beforeMs && !kept.has(snapshot['snapshot-id']))
    .map((snapshot) => snapshot['snapshot-id']);
}

/** Data files first, the lists that lead to them last, so that a removal that was cut short can be understood. */
async function neededOnlyBy(storage: Storage, gone: readonly Snapshot[], metadata: TableMetadata): Promise<string[]> {
  const needed = await reachableFiles(storage, metadata);
  const lists = gone.map((snapshot) => snapshot['manifest-list']).filter((path) => !needed.has(path));
  const manifests = await manifestsOfAll(storage, gone);
  for (const path of manifests.keys()) if (needed.has(path)) manifests.delete(path);
  const data = new Set<string>();
  await eachOf(dataManifests(manifests), async (manifest) => {
    for (const { file } of await entriesOf(storage, metadata, manifest)) {
      if (!needed.has(file.path)) data.add(file.path);
    }
  });
  return [...data, ...dataManifests(manifests).map((manifest) => manifest.path), ...lists];
}

/** Manifests by path: most are in the list of more than one snapshot. */
async function manifestsOfAll(storage: Storage, snapshots: readonly Snapshot[]): Promise<Map<string, ManifestFile>> {
  const manifests = new Map<string, ManifestFile>();
  await eachOf(snapshots, async (snapshot) => {
    for (const manifest of await manifestsOf(storage, snapshot)) manifests.set(manifest.path, manifest);
  });
  return manifests;
}

function dataManifests(manifests: ReadonlyMap<string, ManifestFile>): readonly ManifestFile[] {
  return [...manifests.values()].filter((manifest) => manifest.content === 'data');
}
