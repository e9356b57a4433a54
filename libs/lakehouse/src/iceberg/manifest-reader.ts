import { DomainError } from '@watchkeeper/domain';
import type { Storage } from '../storage/storage';
import { MetadataUnreadable } from './errors';
import { decodeManifest, STATUS } from './manifest';
import type { ManifestEntry } from './manifest';
import { decodeManifestList } from './manifest-list';
import type { ManifestFile } from './manifest-list';
import type { Snapshot, TableMetadata } from './types';

/** Read manifests and lists held in memory, by the bytes they take. */
const CACHE_BYTES_MAX = 64 * 1024 * 1024;
/** An entry in memory takes about so many times its bytes in the uncompressed file. */
const MEMORY_PER_BYTE = 6;

/** Manifests never change once written, so what was read may be kept: without it, a commit on a large table starves. */
class ManifestCache {
  private readonly held = new Map<string, { readonly value: unknown; readonly bytes: number }>();
  private bytes = 0;

  get(path: string): unknown {
    const found = this.held.get(path);
    if (!found) return undefined;
    this.held.delete(path);
    this.held.set(path, found);
    return found.value;
  }

  set(path: string, value: unknown, bytes: number): void {
    if (bytes > CACHE_BYTES_MAX || this.held.has(path)) return;
    this.held.set(path, { value, bytes });
    this.bytes += bytes;
    for (const [oldest, entry] of this.held) {
      if (this.bytes <= CACHE_BYTES_MAX) return;
      this.held.delete(oldest);
      this.bytes -= entry.bytes;
    }
  }
}

const caches = new WeakMap<Storage, ManifestCache>();

function cacheOf(storage: Storage): ManifestCache {
  const known = caches.get(storage);
  if (known) return known;
  const cache = new ManifestCache();
  caches.set(storage, cache);
  return cache;
}

export async function manifestsOf(storage: Storage, snapshot: Snapshot | undefined): Promise<readonly ManifestFile[]> {
  if (!snapshot) return [];
  const path = snapshot['manifest-list'];
  const cache = cacheOf(storage);
  const known = cache.get(path);
  // Only this function puts values under the path of a manifest list.
  if (known !== undefined) return known as readonly ManifestFile[];
  const { manifests, sizeBytes } = decodeManifestList(await storage.read(path), path);
  // A list that was cut between two blocks looks whole; nothing else says how long it should be.
  if (manifests.length === 0 && Number(snapshot.summary['total-data-files'] ?? 0) > 0) {
    throw new MetadataUnreadable(`the manifest list ${path} is empty, but its snapshot is not`);
  }
  cache.set(path, manifests, sizeBytes * MEMORY_PER_BYTE);
  return manifests;
}

/** All entries, deleted ones too. */
export async function entriesOf(
  storage: Storage,
  metadata: TableMetadata,
  manifest: ManifestFile,
): Promise<readonly ManifestEntry[]> {
  const cache = cacheOf(storage);
  const known = cache.get(manifest.path);
  // Only this function puts values under the path of a manifest.
  if (known !== undefined) return known as readonly ManifestEntry[];
  const { entries, sizeBytes } = decodeManifest(await storage.read(manifest.path), metadata, manifest);
  cache.set(manifest.path, entries, sizeBytes * MEMORY_PER_BYTE);
  return entries;
}

export async function liveEntriesOf(
  storage: Storage,
  metadata: TableMetadata,
  manifest: ManifestFile,
): Promise<readonly ManifestEntry[]> {
  const entries = await entriesOf(storage, metadata, manifest);
  return entries.filter((entry) => entry.status !== STATUS.deleted);
}

export function hasLiveFiles(manifest: ManifestFile): boolean {
  return manifest.added.files + manifest.existing.files > 0;
}

/** Rows that another engine has marked as deleted would come back to life if we read or rewrote the files alone. */
export function refuseDeleteFiles(metadata: TableMetadata, manifests: readonly ManifestFile[]): void {
  if (manifests.some((manifest) => manifest.content === 'deletes' && hasLiveFiles(manifest))) {
    throw new DomainError(
      'table-has-delete-files',
      `the table at ${metadata.location} has delete files of another writer: compact it there first`,
    );
  }
}
