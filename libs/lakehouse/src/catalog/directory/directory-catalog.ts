import { basename, isAbsolute, join, resolve } from 'node:path';
import { DomainError } from '@watchkeeper/domain';
import {
  CommitConflict,
  CommitRefused,
  CommitStateUnknown,
  MetadataUnreadable,
  TableMissing,
} from '../../iceberg/errors';
import type { Reached } from '../../iceberg/failpoints';
import { formatMetadata, parseMetadata } from '../../iceberg/metadata';
import type { Table, TableMetadata } from '../../iceberg/types';
import { LocalStorage } from '../../storage/local/local-storage';
import { PutStateUnknown } from '../../storage/storage';
import type { Storage } from '../../storage/storage';
import { applyUpdates, checkRequirements, newMetadata } from '../apply-updates';
import { Catalog } from '../catalog';
import type { TableDefinition } from '../catalog';
import type { Requirement, Update } from '../updates';

export interface DirectoryCatalogSettings {
  /** Absolute path of the lake; a table lies in `<root>/<namespace>/<table>`. */
  readonly root: string;
  /** Local files when left out. */
  readonly storage?: Storage;
  readonly reached?: Reached;
  readonly now?: () => number;
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/;
const METADATA_FILE = /^v(\d{1,15})\.metadata\.json$/;
const COMPRESSED_METADATA_FILE = /^v\d+(\.gz\.metadata\.json|\.metadata\.json\.gz)$/;
const METADATA_FILES_KEPT = 100;
const LOAD_ATTEMPTS_MAX = 3;
/** Tables whose newest metadata is kept in memory. */
const TABLES_CACHED_MAX = 64;

/**
 * Tables in folders, as Hadoop's catalog lays them out: the highest `vN.metadata.json` is the table, and putting
 * `v(N+1)` where there is none is the compare-and-swap. The folder's listing says which is the highest;
 * `version-hint.text` is written for other readers and never trusted.
 */
export class DirectoryCatalog extends Catalog {
  /** A metadata file never changes, so the newest one read or written of each table need not be read again. */
  private readonly newest = new Map<string, Table>();

  private constructor(
    private readonly root: string,
    readonly storage: Storage,
    private readonly reached: Reached,
    private readonly now: () => number,
  ) {
    super();
  }

  static async open(settings: DirectoryCatalogSettings): Promise<DirectoryCatalog> {
    if (!isAbsolute(settings.root)) throw new TypeError(`the lake's folder ${settings.root} is no absolute path`);
    const root = resolve(settings.root);
    const storage = settings.storage ?? (await LocalStorage.open({ root }));
    return new DirectoryCatalog(root, storage, settings.reached ?? (() => undefined), settings.now ?? Date.now);
  }

  override async createTable(id: string, definition: TableDefinition): Promise<Table> {
    if (!(await this.exists(id))) {
      const metadata = newMetadata(this.locationOf(id), definition, this.now());
      const path = this.metadataPath(id, 1);
      if (await this.storage.putIfAbsent(path, bytesOf(metadata))) await this.hint(id, 1);
    }
    return this.load(id);
  }

  override async load(id: string): Promise<Table> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.loadHighest(id);
      } catch (error) {
        // Between the listing and the read, so many commits may follow that the file is dropped.
        const isDropped = error instanceof DomainError && error.code === 'file-missing';
        if (!isDropped || attempt === LOAD_ATTEMPTS_MAX) throw error;
      }
    }
  }

  private async loadHighest(id: string): Promise<Table> {
    const version = await this.highestVersion(id);
    if (version === 0) throw new TableMissing(`there is no table ${id} in ${this.root}`);
    const metadataLocation = this.metadataPath(id, version);
    const known = this.newest.get(id);
    if (known?.metadataLocation === metadataLocation) return known;
    const bytes = await this.storage.read(metadataLocation);
    return this.remember({ id, metadataLocation, metadata: parseMetadata(bytes.toString('utf8'), metadataLocation) });
  }

  override async exists(id: string): Promise<boolean> {
    return (await this.highestVersion(id)) > 0;
  }

  override async commit(
    table: Table,
    requirements: readonly Requirement[],
    updates: readonly Update[],
  ): Promise<Table> {
    checkRequirements(table.metadata, requirements);
    const version = versionOf(table.metadataLocation) + 1;
    const { metadata, dropped } = this.next(table, updates);
    const path = this.metadataPath(table.id, version);
    await this.reached('beforeSwap');
    await this.swap(table, path, metadata);
    await this.reached('afterSwap');
    await this.checkLine(table.id, version, path);
    const committed = this.remember({ id: table.id, metadataLocation: path, metadata });
    await this.reached('beforeHint');
    await this.hint(table.id, version);
    await Promise.all(dropped.map((file) => this.storage.remove(file).catch(() => undefined)));
    return committed;
  }

  private next(table: Table, updates: readonly Update[]): { metadata: TableMetadata; dropped: readonly string[] } {
    const applied = applyUpdates(table.metadata, updates, this.now());
    const log = [
      ...table.metadata['metadata-log'],
      { 'timestamp-ms': table.metadata['last-updated-ms'], 'metadata-file': table.metadataLocation },
    ];
    const wanted = Number(applied.properties['write.metadata.previous-versions-max'] ?? METADATA_FILES_KEPT);
    const kept = Math.max(1, Number.isSafeInteger(wanted) ? wanted : METADATA_FILES_KEPT);
    return {
      metadata: { ...applied, 'metadata-log': log.slice(-kept) },
      dropped: log.slice(0, -kept).map((entry) => entry['metadata-file']),
    };
  }

  private async swap(table: Table, path: string, metadata: TableMetadata): Promise<void> {
    let isFirst: boolean;
    try {
      isFirst = await this.storage.putIfAbsent(path, bytesOf(metadata));
    } catch (cause) {
      if (cause instanceof PutStateUnknown) {
        throw new CommitStateUnknown(`could not tell whether ${path} was committed`, { cause });
      }
      throw new CommitRefused(`could not write ${path}`, { cause });
    }
    if (!isFirst) throw new CommitConflict(`the table ${table.id} has moved on: there is a ${basename(path)} already`);
  }

  /**
   * Old metadata files are removed, so a writer that slept through many commits finds its next number free again.
   * What it put there is no commit: the newer files do not descend from it.
   */
  private async checkLine(id: string, version: number, path: string): Promise<void> {
    const highest = await this.highestVersion(id);
    if (highest === version) return;
    const newest = await this.load(id);
    if (newest.metadata['metadata-log'].some((entry) => versionOf(entry['metadata-file']) === version)) return;
    // Either it is no part of the table, or so many commits have followed that the log has forgotten it.
    throw new CommitStateUnknown(
      `the table ${id} is at version ${highest}; cannot tell whether it passed through ${path}`,
    );
  }

  private async highestVersion(id: string): Promise<number> {
    const folder = join(this.locationOf(id), 'metadata');
    let highest = 0;
    for (const name of await this.storage.names(folder)) {
      if (COMPRESSED_METADATA_FILE.test(name)) {
        throw new MetadataUnreadable(`${join(folder, name)} is compressed: set write.metadata.compression-codec=none`);
      }
      const version = METADATA_FILE.exec(name)?.[1];
      if (version !== undefined) highest = Math.max(highest, Number(version));
    }
    return highest;
  }

  /** Only a help for others: that it could not be written is no fault of the commit, which has been made. */
  private async hint(id: string, version: number): Promise<void> {
    const path = join(this.locationOf(id), 'metadata', 'version-hint.text');
    await this.storage.replace(path, Buffer.from(String(version))).catch(() => undefined);
  }

  private remember(table: Table): Table {
    this.newest.delete(table.id);
    this.newest.set(table.id, table);
    const [oldest] = this.newest.keys();
    if (this.newest.size > TABLES_CACHED_MAX && oldest !== undefined) this.newest.delete(oldest);
    return table;
  }

  private locationOf(id: string): string {
    const names = id.split('.');
    if (names.length < 2 || !names.every((name) => NAME.test(name))) {
      throw new TypeError(`"${id}" is no name of a table (namespace.table)`);
    }
    return join(this.root, ...names);
  }

  private metadataPath(id: string, version: number): string {
    return join(this.locationOf(id), 'metadata', `v${version}.metadata.json`);
  }
}

function versionOf(metadataLocation: string): number {
  const version = METADATA_FILE.exec(basename(metadataLocation))?.[1];
  if (version === undefined) throw new MetadataUnreadable(`${metadataLocation} is no file of a directory catalog`);
  return Number(version);
}

function bytesOf(metadata: TableMetadata): Buffer {
  return Buffer.from(formatMetadata(metadata), 'utf8');
}
