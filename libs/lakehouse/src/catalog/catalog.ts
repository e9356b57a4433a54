import type { PartitionField, Schema, Table } from '../iceberg/types';
import type { Storage } from '../storage/storage';
import type { Requirement, Update } from './updates';

export interface TableDefinition {
  readonly schema: Schema;
  readonly partitionFields: readonly PartitionField[];
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * Knows which metadata file is a table's current one, and swaps it.
 * Promises (test/contracts/catalog.contract.ts):
 *  1. a table is created once, however many try at a time, and all of them get the same table;
 *  2. a commit is all or nothing: of its updates a reader sees every one or none, and a requirement that does not hold changes nothing;
 *  3. a commit on a table that has moved on is refused with CommitConflict;
 *  4. writers that commit at a time and try again lose nothing of one another's;
 *  5. properties and snapshot of a commit are seen together;
 *  6. a reader sees whole snapshots only, and what it has loaded stays readable;
 *  7. what a commit has returned, another catalog opened on the same place sees.
 */
export abstract class Catalog {
  abstract readonly storage: Storage;

  /** `id`: `namespace.table`. A table that exists already is loaded as it is. */
  abstract createTable(id: string, definition: TableDefinition): Promise<Table>;

  /** TableMissing when there is no such table. */
  abstract load(id: string): Promise<Table>;

  abstract exists(id: string): Promise<boolean>;

  /**
   * CommitConflict: the table is no longer as it was loaded, or a requirement does not hold; nothing was changed.
   * CommitRefused: it can never be made so; nothing was changed. CommitStateUnknown, or any other error: cannot say.
   */
  abstract commit(table: Table, requirements: readonly Requirement[], updates: readonly Update[]): Promise<Table>;
}
