import type { Catalog } from '../catalog/catalog';
import type { Requirement, Update } from '../catalog/updates';
import { CommitConflict, CommitRefused } from './errors';
import { currentSchema } from './metadata';
import { pauseAfter } from './pause';
import { fieldIdsOf, highestFieldId } from './schema';
import type { Field, Schema, Table, TableMetadata } from './types';

const RETRIES_MAX = 20;

/** Sets properties, and takes away those that are undefined. Doing it twice changes nothing. */
export async function updateProperties(
  catalog: Catalog,
  tableId: string,
  properties: Readonly<Record<string, string | undefined>>,
): Promise<Table> {
  return untilCommitted(catalog, tableId, ({ metadata }) => {
    const entries = Object.entries(properties).filter(([name, value]) => metadata.properties[name] !== value);
    const set = entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
    const removals = entries.flatMap(([name, value]) => (value === undefined ? [name] : []));
    const updates: Update[] = [];
    if (set.length > 0) updates.push({ action: 'set-properties', updates: Object.fromEntries(set) });
    if (removals.length > 0) updates.push({ action: 'remove-properties', removals });
    return { requirements: [sameTable(metadata)], updates };
  });
}

/** The schema as it should be, from the one that is; `nextId` gives field ids that were never used. */
export type Evolve = (schema: Schema, nextId: () => number) => Schema;

/**
 * Adds fields, or changes the schema as a function says. A field is told by its id: one that is there already is left
 * as it is, so doing it twice changes nothing. Fields that are new must be optional, and no type may change.
 */
export async function evolveSchema(
  catalog: Catalog,
  tableId: string,
  evolve: readonly Field[] | Evolve,
): Promise<Table> {
  return untilCommitted(catalog, tableId, ({ metadata }) => {
    const schema = currentSchema(metadata);
    let lastId = metadata['last-column-id'];
    const evolved = typeof evolve === 'function' ? evolve(schema, () => ++lastId) : withFields(schema, evolve);
    if (JSON.stringify(evolved.fields) === JSON.stringify(schema.fields)) return { requirements: [], updates: [] };
    refuseBrokenSchema(metadata, evolved);
    const requirements: Requirement[] = [
      sameTable(metadata),
      { type: 'assert-last-assigned-field-id', 'last-assigned-field-id': metadata['last-column-id'] },
      { type: 'assert-current-schema-id', 'current-schema-id': metadata['current-schema-id'] },
    ];
    const lastColumnId = Math.max(metadata['last-column-id'], highestFieldId(evolved.fields));
    const updates: Update[] = [
      { action: 'add-schema', schema: evolved, 'last-column-id': lastColumnId },
      { action: 'set-current-schema', 'schema-id': -1 },
    ];
    return { requirements, updates };
  });
}

interface Plan {
  readonly requirements: readonly Requirement[];
  /** None: the table is as it should be. */
  readonly updates: readonly Update[];
}

/** For changes that may be made twice: whatever the catalog's answer was, the table is asked again. */
export async function untilCommitted(catalog: Catalog, tableId: string, plan: (table: Table) => Plan): Promise<Table> {
  for (let attempt = 0; ; attempt++) {
    const table = await catalog.load(tableId);
    const { requirements, updates } = plan(table);
    if (updates.length === 0) return table;
    try {
      return await catalog.commit(table, requirements, updates);
    } catch (error) {
      if (error instanceof CommitRefused || attempt >= RETRIES_MAX) throw error;
      if (!(error instanceof CommitConflict) && attempt >= 2) throw error;
      await pauseAfter(attempt);
    }
  }
}

export function sameTable(metadata: TableMetadata): Requirement {
  return { type: 'assert-table-uuid', uuid: metadata['table-uuid'] };
}

function withFields(schema: Schema, add: readonly Field[]): Schema {
  const missing = add.filter((field) => {
    const known = schema.fields.find((candidate) => candidate.id === field.id);
    if (known && (known.name !== field.name || JSON.stringify(known.type) !== JSON.stringify(field.type))) {
      throw new CommitRefused(`field ${field.id} is ${known.name} already, not ${field.name}`);
    }
    return !known;
  });
  return missing.length === 0 ? schema : { ...schema, fields: [...schema.fields, ...missing] };
}

function refuseBrokenSchema(metadata: TableMetadata, evolved: Schema): void {
  const names = evolved.fields.map((field) => field.name);
  const ids = evolved.fields.flatMap(fieldIdsOf);
  if (new Set(names).size !== names.length) throw new CommitRefused('two fields of one name');
  if (new Set(ids).size !== ids.length) throw new CommitRefused('two fields of one id');
  const current = currentSchema(metadata).fields;
  const everUsed = new Map(metadata.schemas.flatMap((schema) => schema.fields).map((field) => [field.id, field]));
  const usedIds = new Set([...everUsed.values()].flatMap(fieldIdsOf));
  for (const field of evolved.fields) {
    const known = everUsed.get(field.id);
    if (known && JSON.stringify(known.type) !== JSON.stringify(field.type) && !isWider(known, field)) {
      throw new CommitRefused(`field ${field.id} (${field.name}) was of another type`);
    }
    if (!known && fieldIdsOf(field).some((id) => usedIds.has(id))) {
      throw new CommitRefused(`an id of field ${field.name} was used by another field`);
    }
    if (!current.some((candidate) => candidate.id === field.id) && field.required) {
      throw new CommitRefused(`field ${field.name} is new and required: rows that are there have no value for it`);
    }
  }
}

/** The promotions that version 2 allows. */
function isWider(from: Field, to: Field): boolean {
  return (from.type === 'int' && to.type === 'long') || (from.type === 'float' && to.type === 'double');
}
