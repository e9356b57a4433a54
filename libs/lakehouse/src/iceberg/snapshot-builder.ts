import { randomBytes, randomUUID } from 'node:crypto';
import type { Storage } from '../storage/storage';
import { CommitConflict, CommitRefused } from './errors';
import type { Reached } from './failpoints';
import { groupBy } from './group-by';
import { encodeManifest, STATUS } from './manifest';
import type { ManifestEntry } from './manifest';
import { encodeManifestList } from './manifest-list';
import type { ManifestFile } from './manifest-list';
import { hasLiveFiles, liveEntriesOf, manifestsOf, refuseDeleteFiles } from './manifest-reader';
import { manifestsToMerge } from './merge-manifests';
import { currentSnapshot } from './metadata';
import type { Change, DataFile, Snapshot, SnapshotId, TableMetadata } from './types';

export const COMMIT_ID = 'watchkeeper.commit-id';

interface Totals {
  readonly files: number;
  readonly rows: bigint;
  readonly bytes: bigint;
}

/**
 * Writes the manifests and the list of a commit's snapshot, once per attempt. What does not depend on the table as it
 * then stands (the manifest of the added files, manifests rewritten or merged from the same ones) is used again.
 */
export class SnapshotBuilder {
  /** Every file that was written, in order. */
  readonly written = new Set<string>();
  private snapshotId: SnapshotId | undefined;
  private dataManifests: readonly ManifestFile[] | undefined;
  private readonly needed = new Map<string, readonly string[]>();
  private readonly rewritten = new Map<string, ManifestFile>();

  constructor(
    private readonly storage: Storage,
    private readonly change: Change,
    private readonly options: { readonly commitId: string; readonly reached: Reached; readonly now: () => number },
  ) {}

  async build(metadata: TableMetadata, summary: Readonly<Record<string, string>>): Promise<Snapshot> {
    const parent = currentSnapshot({ metadata });
    const snapshotId = (this.snapshotId ??= newSnapshotId(metadata));
    const sequenceNumber = metadata['last-sequence-number'] + 1n;
    const standing = await manifestsOf(this.storage, parent);
    const { manifests: kept, removed } = await this.withoutRemoved(metadata, snapshotId, standing.filter(hasLiveFiles));
    const merged = await this.merged(metadata, snapshotId, kept);
    const fresh = (this.dataManifests ??= await this.writeDataManifests(metadata, snapshotId));
    await this.options.reached('afterDataManifest');
    // Manifests of this snapshot get the number of this attempt; the entries inherit it from here.
    const manifests = [...fresh, ...merged].map((manifest) => numbered(manifest, snapshotId, sequenceNumber));
    const list = `${metadata.location}/metadata/snap-${snapshotId}-${randomUUID()}.avro`;
    const bytes = encodeManifestList(manifests, { id: snapshotId, parentId: parent?.['snapshot-id'], sequenceNumber });
    await this.write(list, bytes);
    await this.options.reached('afterManifestList');
    this.needed.set(list, [list, ...manifests.map((manifest) => manifest.path)]);
    return {
      'snapshot-id': snapshotId,
      ...(parent ? { 'parent-snapshot-id': parent['snapshot-id'] } : {}),
      'sequence-number': sequenceNumber,
      'timestamp-ms': Math.max(this.options.now(), metadata['last-updated-ms'], (parent?.['timestamp-ms'] ?? 0) + 1),
      'manifest-list': list,
      'schema-id': metadata['current-schema-id'],
      summary: {
        operation: this.change.operation,
        ...countsOf(parent, totalsOf(this.change.add), removed),
        ...summary,
        [COMMIT_ID]: this.options.commitId,
      },
    };
  }

  /** What a snapshot with this manifest list, written here, needs. */
  needs(list: string): readonly string[] {
    return this.needed.get(list) ?? [];
  }

  async discard(path: string): Promise<void> {
    this.written.delete(path);
    await this.storage.remove(path).catch(() => undefined);
  }

  private async withoutRemoved(
    metadata: TableMetadata,
    snapshotId: SnapshotId,
    standing: readonly ManifestFile[],
  ): Promise<{ readonly manifests: readonly ManifestFile[]; readonly removed: Totals }> {
    const left = new Set(this.change.remove);
    if (left.size === 0) return { manifests: standing, removed: totalsOf([]) };
    refuseDeleteFiles(metadata, standing);
    const manifests: ManifestFile[] = [];
    const removed: DataFile[] = [];
    for (const manifest of standing) {
      const entries = left.size === 0 ? [] : await liveEntriesOf(this.storage, metadata, manifest);
      const gone = entries.filter((entry) => left.delete(entry.file.path));
      if (gone.length === 0) manifests.push(manifest);
      else {
        removed.push(...gone.map((entry) => entry.file));
        const goneEntries = new Set(gone);
        const next = entries.map((entry): ManifestEntry =>
          goneEntries.has(entry)
            ? { ...entry, status: STATUS.deleted, snapshotId }
            : { ...entry, status: STATUS.existing },
        );
        manifests.push(
          await this.rewrite(metadata, `without ${manifest.path}`, {
            snapshotId,
            specId: manifest.specId,
            entries: next,
          }),
        );
      }
    }
    if (left.size > 0) {
      throw new CommitConflict(
        `${left.size} of the files to take out are no longer in the table at ${metadata.location}`,
      );
    }
    return { manifests, removed: totalsOf(removed) };
  }

  private async merged(
    metadata: TableMetadata,
    snapshotId: SnapshotId,
    manifests: readonly ManifestFile[],
  ): Promise<readonly ManifestFile[]> {
    let result = manifests;
    for (const group of manifestsToMerge(metadata.properties, manifests, snapshotId)) {
      const entries: ManifestEntry[] = [];
      for (const manifest of group) {
        for (const entry of await liveEntriesOf(this.storage, metadata, manifest)) {
          entries.push({ ...entry, status: STATUS.existing });
        }
      }
      const key = `merged ${group.map((manifest) => manifest.path).join(' ')}`;
      const specId = group[0]?.specId ?? metadata['default-spec-id'];
      const merged = await this.rewrite(metadata, key, { snapshotId, specId, entries });
      const isMerged = new Set(group);
      result = [merged, ...result.filter((manifest) => !isMerged.has(manifest))];
    }
    return result;
  }

  private async writeDataManifests(metadata: TableMetadata, snapshotId: SnapshotId): Promise<readonly ManifestFile[]> {
    const { add } = this.change;
    if (new Set(add.map((file) => file.path)).size !== add.length)
      throw new CommitRefused('a data file is to be added twice');
    const manifests: ManifestFile[] = [];
    for (const [specId, files] of groupBy(add, (file) => file.specId)) {
      const entries = files.map((file): ManifestEntry => ({
        status: STATUS.added,
        snapshotId,
        sequenceNumber: null,
        fileSequenceNumber: null,
        file,
      }));
      manifests.push(await this.writeManifest(metadata, { snapshotId, specId, entries }));
    }
    return manifests;
  }

  private async rewrite(metadata: TableMetadata, key: string, manifest: ManifestContent): Promise<ManifestFile> {
    const known = this.rewritten.get(key);
    if (known) return known;
    const written = await this.writeManifest(metadata, manifest);
    this.rewritten.set(key, written);
    return written;
  }

  private async writeManifest(metadata: TableMetadata, content: ManifestContent): Promise<ManifestFile> {
    const { snapshotId, specId, entries } = content;
    const { bytes, summary } = encodeManifest(metadata, specId, snapshotId, { entries });
    const path = `${metadata.location}/metadata/${randomUUID()}-m0.avro`;
    await this.write(path, bytes);
    return { ...summary, path, sequenceNumber: 0n, minSequenceNumber: summary.minSequenceNumber ?? 0n };
  }

  private async write(path: string, bytes: Buffer): Promise<void> {
    this.written.add(path);
    await this.storage.write(path, bytes);
  }
}

interface ManifestContent {
  readonly snapshotId: SnapshotId;
  readonly specId: number;
  readonly entries: readonly ManifestEntry[];
}

/** 63 random bits, so that writers need not agree. */
function newSnapshotId(metadata: TableMetadata): SnapshotId {
  for (;;) {
    const id = randomBytes(8).readBigInt64BE() & 0x7fff_ffff_ffff_ffffn;
    if (id > 0n && !metadata.snapshots.some((snapshot) => snapshot['snapshot-id'] === id)) return id;
  }
}

function numbered(manifest: ManifestFile, snapshotId: SnapshotId, sequenceNumber: bigint): ManifestFile {
  if (manifest.addedSnapshotId !== snapshotId) return manifest;
  const minSequenceNumber = manifest.existing.files > 0 ? manifest.minSequenceNumber : sequenceNumber;
  return { ...manifest, sequenceNumber, minSequenceNumber };
}

function totalsOf(files: readonly DataFile[]): Totals {
  return {
    files: files.length,
    rows: files.reduce((sum, file) => sum + file.recordCount, 0n),
    bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0n),
  };
}

/** The counts that Iceberg's specification names for a snapshot's summary. */
function countsOf(parent: Snapshot | undefined, added: Totals, removed: Totals): Record<string, string> {
  const total = (name: string, by: bigint): string => String(BigInt(parent?.summary[name] ?? 0) + by);
  return {
    'added-data-files': String(added.files),
    'added-records': String(added.rows),
    'added-files-size': String(added.bytes),
    ...(removed.files > 0
      ? {
          'deleted-data-files': String(removed.files),
          'deleted-records': String(removed.rows),
          'removed-files-size': String(removed.bytes),
        }
      : {}),
    'total-records': total('total-records', added.rows - removed.rows),
    'total-files-size': total('total-files-size', added.bytes - removed.bytes),
    'total-data-files': total('total-data-files', BigInt(added.files - removed.files)),
    'total-delete-files': parent?.summary['total-delete-files'] ?? '0',
    'total-position-deletes': parent?.summary['total-position-deletes'] ?? '0',
    'total-equality-deletes': parent?.summary['total-equality-deletes'] ?? '0',
  };
}
