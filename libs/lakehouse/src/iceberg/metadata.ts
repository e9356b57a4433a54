import { MetadataUnreadable } from './errors';
import { formatJson, parseJson } from './lossless-json';
import type { Json } from './lossless-json';
import type { PartitionSpec, Schema, Snapshot, SnapshotId, TableMetadata } from './types';

type JsonObject = { readonly [key: string]: Json };

/** What others have put into the file (statistics, say) is kept and written again. `location` is for the error. */
export function parseMetadata(text: string, location: string): TableMetadata {
  try {
    return readMetadata(asObject(parseJson(text), 'the document'));
  } catch (cause) {
    throw new MetadataUnreadable(`could not read the table metadata ${location}: ${messageOf(cause)}`, { cause });
  }
}

/** Snapshots never change and a table has many: their text is made once. */
const snapshotTexts = new WeakMap<Snapshot, string>();

/** Version 2 writes -1 where there is no snapshot yet. */
export function formatMetadata(metadata: TableMetadata): string {
  const { snapshots, ...rest } = metadata;
  const text = formatJson({ ...rest, 'current-snapshot-id': metadata['current-snapshot-id'] ?? -1 });
  return `${text.slice(0, -1)},"snapshots":[${snapshots.map(snapshotText).join(',')}]}`;
}

function snapshotText(snapshot: Snapshot): string {
  const known = snapshotTexts.get(snapshot);
  if (known !== undefined) return known;
  const text = formatJson(snapshot);
  snapshotTexts.set(snapshot, text);
  return text;
}

export function currentSnapshot(table: { readonly metadata: TableMetadata }): Snapshot | undefined {
  const id = table.metadata['current-snapshot-id'];
  return id === null ? undefined : snapshotOf(table.metadata, id);
}

export function snapshotOf(metadata: TableMetadata, id: SnapshotId): Snapshot | undefined {
  return metadata.snapshots.find((snapshot) => snapshot['snapshot-id'] === id);
}

/** A snapshot and what it was built upon, newest first, as far as the table still knows. */
export function* ancestry(metadata: TableMetadata, from: SnapshotId | null): Generator<Snapshot> {
  const byId = new Map(metadata.snapshots.map((snapshot) => [snapshot['snapshot-id'], snapshot]));
  for (let id = from ?? undefined; id !== undefined;) {
    const snapshot = byId.get(id);
    if (!snapshot) return;
    yield snapshot;
    id = snapshot['parent-snapshot-id'];
  }
}

export function currentSchema(metadata: TableMetadata): Schema {
  return schemaOf(metadata, metadata['current-schema-id']);
}

export function schemaOf(metadata: TableMetadata, id: number): Schema {
  const schema = metadata.schemas.find((candidate) => candidate['schema-id'] === id);
  if (!schema) throw new MetadataUnreadable(`the table at ${metadata.location} has no schema ${id}`);
  return schema;
}

export function specOf(metadata: TableMetadata, id: number): PartitionSpec {
  const spec = metadata['partition-specs'].find((candidate) => candidate['spec-id'] === id);
  if (!spec) throw new MetadataUnreadable(`the table at ${metadata.location} has no partition spec ${id}`);
  return spec;
}

function readMetadata(json: JsonObject): TableMetadata {
  if (json['format-version'] !== 2) throw new TypeError(`format version ${formatJson(json['format-version'])}, not 2`);
  const current = readId(json['current-snapshot-id']);
  const metadata = {
    ...json,
    'table-uuid': asString(json['table-uuid'], 'table-uuid'),
    location: asString(json['location'], 'location').replace(/\/+$/, ''),
    'last-sequence-number': asBigint(json['last-sequence-number'], 'last-sequence-number'),
    'last-updated-ms': asNumber(json['last-updated-ms'], 'last-updated-ms'),
    'last-column-id': asNumber(json['last-column-id'], 'last-column-id'),
    'current-schema-id': asNumber(json['current-schema-id'], 'current-schema-id'),
    schemas: asList(json['schemas'], 'schemas'),
    'default-spec-id': asNumber(json['default-spec-id'], 'default-spec-id'),
    'partition-specs': asList(json['partition-specs'], 'partition-specs'),
    'last-partition-id': asNumber(json['last-partition-id'], 'last-partition-id'),
    properties: json['properties'] ?? {},
    'current-snapshot-id': current === -1n ? null : current,
    refs: readRefs(json['refs'] ?? {}, current),
    snapshots: (json['snapshots'] === undefined ? [] : asList(json['snapshots'], 'snapshots')).map(readSnapshot),
    'snapshot-log': asList(json['snapshot-log'] ?? [], 'snapshot-log').map((entry) => {
      const log = asObject(entry, 'snapshot-log');
      return { ...log, 'snapshot-id': asBigint(log['snapshot-id'], 'snapshot-id') };
    }),
    'metadata-log': asList(json['metadata-log'] ?? [], 'metadata-log'),
  };
  // The members above are checked; those within schemas, specs and logs are taken as the format has them.
  return metadata as unknown as TableMetadata;
}

function readSnapshot(json: Json): JsonObject {
  const { 'parent-snapshot-id': parent, ...snapshot } = asObject(json, 'snapshot');
  const parentId = readId(parent);
  return {
    ...snapshot,
    'snapshot-id': asBigint(snapshot['snapshot-id'], 'snapshot-id'),
    ...(parentId === null || parentId === -1n ? {} : { 'parent-snapshot-id': parentId }),
    'sequence-number': asBigint(snapshot['sequence-number'] ?? 0, 'sequence-number'),
    'timestamp-ms': asNumber(snapshot['timestamp-ms'], 'timestamp-ms'),
    'manifest-list': asString(snapshot['manifest-list'], 'manifest-list'),
    summary: asObject(snapshot['summary'] ?? {}, 'summary'),
  };
}

/** A table without refs has its current snapshot as `main`. */
function readRefs(json: Json, current: SnapshotId | null): JsonObject {
  const refs = Object.entries(asObject(json, 'refs')).map(([name, value]) => {
    const ref = asObject(value, 'ref');
    return [name, { ...ref, 'snapshot-id': asBigint(ref['snapshot-id'], 'snapshot-id') }] as const;
  });
  if (refs.length === 0 && current !== null && current !== -1n) {
    return { main: { 'snapshot-id': current, type: 'branch' } };
  }
  return Object.fromEntries(refs);
}

function readId(json: Json | undefined): SnapshotId | null {
  return json === undefined || json === null ? null : asBigint(json, 'snapshot id');
}

function asObject(json: Json | undefined, name: string): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new TypeError(`${name} is no object`);
  return json as JsonObject;
}

function asList(json: Json | undefined, name: string): readonly Json[] {
  if (!Array.isArray(json)) throw new TypeError(`${name} is no list`);
  return json as readonly Json[];
}

function asString(json: Json | undefined, name: string): string {
  if (typeof json !== 'string') throw new TypeError(`${name} is no string`);
  return json;
}

function asNumber(json: Json | undefined, name: string): number {
  if (typeof json !== 'number') throw new TypeError(`${name} is no number`);
  return json;
}

function asBigint(json: Json | undefined, name: string): bigint {
  if (typeof json === 'bigint') return json;
  if (!Number.isInteger(json)) throw new TypeError(`${name} is no integer`);
  return BigInt(asNumber(json, name));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
