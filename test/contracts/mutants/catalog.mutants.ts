import { randomUUID } from 'node:crypto';
import { Catalog, type Requirement, type TableDefinition, type Update } from '@watchkeeper/lakehouse/catalog';
import { CommitConflict, currentSnapshot, type Table } from '@watchkeeper/lakehouse/iceberg';
import type { Storage } from '@watchkeeper/lakehouse/storage';

/** A catalog with one fault; the contract must find it. */
export interface CatalogMutant {
  readonly breaks: number;
  readonly how: string;
  mutate(inner: Catalog): Catalog;
}

class Through extends Catalog {
  constructor(protected readonly inner: Catalog) {
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

  override commit(table: Table, requirements: readonly Requirement[], updates: readonly Update[]): Promise<Table> {
    return this.inner.commit(table, requirements, updates);
  }
}

class CreatesAnew extends Through {
  override async createTable(id: string, definition: TableDefinition): Promise<Table> {
    const table = await super.createTable(id, definition);
    return { ...table, metadata: { ...table.metadata, 'table-uuid': randomUUID() } };
  }
}

class CommitsOneByOne extends Through {
  override async commit(
    table: Table,
    requirements: readonly Requirement[],
    updates: readonly Update[],
  ): Promise<Table> {
    let committed = table;
    for (const [i, update] of updates.entries()) {
      committed = await super.commit(committed, i === 0 ? requirements : [], [update]);
    }
    return committed;
  }
}

class Rebases extends Through {
  override async commit(
    table: Table,
    requirements: readonly Requirement[],
    updates: readonly Update[],
  ): Promise<Table> {
    try {
      return await super.commit(table, requirements, updates);
    } catch (error) {
      if (!(error instanceof CommitConflict)) throw error;
      const current = await this.load(table.id);
      const isMoved = current.metadataLocation !== table.metadataLocation;
      return isMoved ? super.commit(current, [], updates) : Promise.reject(error);
    }
  }
}

class HidesConflicts extends Through {
  override async commit(
    table: Table,
    requirements: readonly Requirement[],
    updates: readonly Update[],
  ): Promise<Table> {
    return super.commit(table, requirements, updates).catch((error: unknown) => {
      if (error instanceof CommitConflict) return table;
      throw error;
    });
  }
}

class SetsPropertiesLater extends Through {
  override async commit(
    table: Table,
    requirements: readonly Requirement[],
    updates: readonly Update[],
  ): Promise<Table> {
    const later = updates.filter((update) => update.action === 'set-properties');
    const first = updates.filter((update) => update.action !== 'set-properties');
    const committed = await super.commit(table, requirements, first);
    await new Promise((resolve) => setTimeout(resolve, 10));
    return super.commit(committed, [], later);
  }
}

class TidiesTooSoon extends Through {
  override async commit(
    table: Table,
    requirements: readonly Requirement[],
    updates: readonly Update[],
  ): Promise<Table> {
    const committed = await super.commit(table, requirements, updates);
    const before = currentSnapshot(table);
    if (before) await this.storage.remove(before['manifest-list']);
    return committed;
  }
}

class RemembersTooWell extends Through {
  private readonly known = new Map<string, Table>();

  override async load(id: string): Promise<Table> {
    const table = this.known.get(id) ?? (await super.load(id));
    this.known.set(id, table);
    return table;
  }

  override async commit(
    table: Table,
    requirements: readonly Requirement[],
    updates: readonly Update[],
  ): Promise<Table> {
    this.known.delete(table.id);
    const committed = await super.commit(table, requirements, updates);
    this.known.set(table.id, committed);
    return committed;
  }
}

class CallsSuccessConflict extends Through {
  private commits = 0;

  override async commit(
    table: Table,
    requirements: readonly Requirement[],
    updates: readonly Update[],
  ): Promise<Table> {
    const committed = await super.commit(table, requirements, updates);
    if (this.commits++ === 0) throw new CommitConflict('somebody was first');
    return committed;
  }
}

export const CATALOG_MUTANTS: readonly CatalogMutant[] = [
  { breaks: 1, how: 'gives each creator a table of its own', mutate: (inner) => new CreatesAnew(inner) },
  { breaks: 2, how: 'makes the updates of a commit one by one', mutate: (inner) => new CommitsOneByOne(inner) },
  { breaks: 3, how: 'takes a stale commit for a new one', mutate: (inner) => new Rebases(inner) },
  { breaks: 4, how: 'hides a conflict from the writer', mutate: (inner) => new HidesConflicts(inner) },
  { breaks: 5, how: 'sets the properties after the snapshot', mutate: (inner) => new SetsPropertiesLater(inner) },
  { breaks: 6, how: 'removes what the last snapshot needs', mutate: (inner) => new TidiesTooSoon(inner) },
  { breaks: 7, how: 'loads from memory what others have changed', mutate: (inner) => new RemembersTooWell(inner) },
  { breaks: 8, how: 'calls a commit that it has made a conflict', mutate: (inner) => new CallsSuccessConflict(inner) },
];
