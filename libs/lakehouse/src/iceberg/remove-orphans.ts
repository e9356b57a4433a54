import { DomainError } from '@watchkeeper/domain';
import type { Catalog } from '../catalog/catalog';
import type { Storage, StoredFile } from '../storage/storage';
import { decodeAvro } from './avro/container';
import type { AvroValue } from './avro/schema';
import { reachableFiles } from './expire-snapshots';
import { hasLiveFiles, manifestsOf } from './manifest-reader';
import { eachOf } from './parallel';
import type { TableMetadata } from './types';

export interface OrphanOptions {
  /** A span, longer than any commit takes: younger files may belong to a commit under way. */
  readonly olderThanMs: number;
  readonly now?: () => number;
}

const FOLDERS = ['data', 'metadata'] as const;
const KEPT_NAMES = new Set(['version-hint.text']);

/**
 * Removes old files that no snapshot, no entry of the metadata log and no young file needs: what killed writers left.
 * The table is loaded after the listing, so what was committed meanwhile is known as well. Returns how many.
 */
export async function removeOrphans(catalog: Catalog, tableId: string, options: OrphanOptions): Promise<number> {
  const { storage } = catalog;
  const { location } = (await catalog.load(tableId)).metadata;
  const cutMs = (options.now ?? Date.now)() - options.olderThanMs;
  const old: StoredFile[] = [];
  const young: StoredFile[] = [];
  for (const folder of FOLDERS) {
    for await (const file of storage.list(`${location}/${folder}`))
      (file.modifiedAtMs < cutMs ? old : young).push(file);
  }
  if (old.length === 0) return 0;
  const table = await catalog.load(tableId);
  await refuseUnreadManifests(storage, table.metadata);
  const needed = new Set([...(await reachableFiles(storage, table.metadata)), ...metadataFilesOf(table.metadata)]);
  needed.add(table.metadataLocation);
  const named = await namedByYoung(storage, young, needed);
  if (!named) return 0;
  for (const path of named) needed.add(path);
  const neededPaths = new Set([...needed].map((path) => storage.localPath(path) ?? path));
  const orphans = old.filter(
    ({ path }) => !neededPaths.has(path) && !KEPT_NAMES.has(path.slice(path.lastIndexOf('/') + 1)),
  );
  await eachOf(orphans, ({ path }) => storage.remove(path));
  return orphans.length;
}

/** Manifests of delete files are not read here, so what they name is not known. */
async function refuseUnreadManifests(storage: Storage, metadata: TableMetadata): Promise<void> {
  for (const snapshot of metadata.snapshots) {
    const manifests = await manifestsOf(storage, snapshot);
    if (manifests.some((manifest) => manifest.content === 'deletes' && hasLiveFiles(manifest))) {
      throw new DomainError('table-has-delete-files', `orphans of the table at ${metadata.location} cannot be told`);
    }
  }
}

/** Metadata files of the log, and statistics that other engines have left. */
function metadataFilesOf(metadata: TableMetadata): string[] {
  return [
    ...metadata['metadata-log'].map((entry) => entry['metadata-file']),
    ...statisticsPaths(Reflect.get(metadata, 'statistics')),
    ...statisticsPaths(Reflect.get(metadata, 'partition-statistics')),
  ];
}

function statisticsPaths(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const path = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'statistics-path') : undefined;
    return typeof path === 'string' ? [path] : [];
  });
}

/**
 * Files that manifests and lists of a commit under way name. undefined: one of them cannot be read, because it is being
 * written or its writer was killed; a later run, when it has its age, goes on.
 */
async function namedByYoung(
  storage: Storage,
  young: readonly StoredFile[],
  known: ReadonlySet<string>,
): Promise<string[] | undefined> {
  const paths: string[] = [];
  for (const { path } of young) {
    if (!path.endsWith('.avro') || known.has(path)) continue;
    const named = await storage.read(path).then(pathsWithin, () => undefined);
    if (named) paths.push(...named);
    else if (await storage.exists(path)) return undefined;
  }
  return paths;
}

function pathsWithin(bytes: Buffer): string[] | undefined {
  try {
    return decodeAvro(bytes).records.flatMap((record) => [
      ...textIn(record['manifest_path']),
      ...textIn(Reflect.get(Object(record['data_file']), 'file_path')),
    ]);
  } catch {
    return undefined;
  }
}

function textIn(value: AvroValue | undefined): string[] {
  return typeof value === 'string' ? [value] : [];
}
