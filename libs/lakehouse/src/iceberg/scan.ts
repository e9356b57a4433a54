import { DomainError } from '@watchkeeper/domain';
import type { Storage } from '../storage/storage';
import { ancestry, snapshotOf, specOf } from './metadata';
import { STATUS } from './manifest';
import type { ManifestFile, PartitionSummary } from './manifest-list';
import { entriesOf, hasLiveFiles, liveEntriesOf, manifestsOf, refuseDeleteFiles } from './manifest-reader';
import { valueOf } from './single-value';
import { partitionColumns } from './transform';
import type { PartitionColumn } from './transform';
import type { DataFile, PartitionValues, SnapshotId, Table, TableMetadata } from './types';

export interface ScanOptions {
  /** The current one when left out. */
  readonly snapshotId?: SnapshotId;
  /** Whether files of this partition are wanted. */
  readonly partition?: (values: PartitionValues) => boolean;
}

/** Files added and taken out between two snapshots; a file that came and went again is in both lists. */
export interface FileChanges {
  readonly added: readonly DataFile[];
  readonly removed: readonly DataFile[];
}

/** A manifest whose files may lie in more partitions than this is read, not reasoned about. */
const PARTITIONS_TRIED_MAX = 4096;

/** The data files of a snapshot. Manifests without a wanted partition are not read. */
export async function liveFiles(storage: Storage, table: Table, options: ScanOptions = {}): Promise<DataFile[]> {
  const { metadata } = table;
  const id = options.snapshotId ?? metadata['current-snapshot-id'];
  if (id === null) return [];
  const snapshot = snapshotOf(metadata, id);
  if (!snapshot) throw new DomainError('snapshot-missing', `the table ${table.id} has no snapshot ${id}`);
  const manifests = await manifestsOf(storage, snapshot);
  refuseDeleteFiles(metadata, manifests);
  const files: DataFile[] = [];
  for (const manifest of manifests.filter(hasLiveFiles)) {
    if (options.partition && !mayHold(metadata, manifest, options.partition)) continue;
    for (const { file } of await liveEntriesOf(storage, metadata, manifest)) {
      if (options.partition?.(file.partition) ?? true) files.push(file);
    }
  }
  return files;
}

/**
 * What has changed on the main line since a snapshot (null: since the empty table), oldest first. Snapshots of
 * operation `replace` are left out: they change no row. undefined: the line from there was expired.
 */
export async function filesAddedSince(
  storage: Storage,
  table: Table,
  fromSnapshotId: SnapshotId | null,
): Promise<FileChanges | undefined> {
  const { metadata } = table;
  const line = [];
  let reached: SnapshotId | null = metadata['current-snapshot-id'];
  for (const snapshot of ancestry(metadata, metadata['current-snapshot-id'])) {
    if (snapshot['snapshot-id'] === fromSnapshotId) break;
    line.unshift(snapshot);
    reached = snapshot['parent-snapshot-id'] ?? null;
  }
  if (reached !== fromSnapshotId) return undefined;
  const added: DataFile[] = [];
  const removed: DataFile[] = [];
  for (const snapshot of line.filter((candidate) => candidate.summary['operation'] !== 'replace')) {
    const id = snapshot['snapshot-id'];
    const manifests = await manifestsOf(storage, snapshot);
    refuseDeleteFiles(metadata, manifests);
    for (const manifest of manifests.filter((candidate) => candidate.addedSnapshotId === id)) {
      for (const { status, snapshotId, file } of await entriesOf(storage, metadata, manifest)) {
        if (snapshotId !== id) continue;
        if (status === STATUS.added) added.push(file);
        if (status === STATUS.deleted) removed.push(file);
      }
    }
  }
  return { added, removed };
}

/** Tries every combination of partition values that the manifest's summary leaves open; true when they are too many. */
function mayHold(
  metadata: TableMetadata,
  manifest: ManifestFile,
  wanted: (values: PartitionValues) => boolean,
): boolean {
  const columns = partitionColumns(specOf(metadata, manifest.specId), metadata.schemas);
  if (manifest.partitions?.length !== columns.length) return true;
  let combinations: PartitionValues[] = [{}];
  for (const [i, column] of columns.entries()) {
    const values = valuesIn(manifest.partitions[i], column);
    if (values === undefined || values.length * combinations.length > PARTITIONS_TRIED_MAX) return true;
    combinations = combinations.flatMap((known) => values.map((value) => ({ ...known, [column.name]: value })));
  }
  return combinations.some(wanted);
}

/** undefined: not to be listed. */
function valuesIn(
  summary: PartitionSummary | undefined,
  column: PartitionColumn,
): readonly (number | string | null)[] | undefined {
  if (!summary) return undefined;
  const ofNull = summary.containsNull ? [null] : [];
  if (!summary.lower || !summary.upper) return ofNull;
  const lower = valueOf(column.type, summary.lower);
  const upper = valueOf(column.type, summary.upper);
  if (typeof lower === 'string') return lower === upper ? [...ofNull, lower] : undefined;
  if (column.type !== 'int' && column.type !== 'date' && column.type !== 'long') return undefined;
  const first = Number(lower);
  const count = Number(upper) - first + 1;
  if (!(count >= 1 && count <= PARTITIONS_TRIED_MAX)) return undefined;
  return [...ofNull, ...Array.from({ length: count }, (_, i) => first + i)];
}
