import { randomUUID } from 'node:crypto';
import { CommitConflict, CommitRefused } from '../iceberg/errors';
import { highestFieldId } from '../iceberg/schema';
import type { PartitionSpec, Schema, Snapshot, SnapshotId, TableMetadata } from '../iceberg/types';
import type { TableDefinition } from './catalog';
import type { Requirement, Update } from './updates';

type Draft = { -readonly [Member in keyof TableMetadata]: TableMetadata[Member] };

/** The ids of partition fields begin above this one. */
const LAST_PARTITION_ID_NONE = 999;

export function newMetadata(location: string, definition: TableDefinition, nowMs: number): TableMetadata {
  const partitionIds = definition.partitionFields.map((field) => field['field-id']);
  return {
    'format-version': 2,
    'table-uuid': randomUUID(),
    location,
    'last-sequence-number': 0n,
    'last-updated-ms': nowMs,
    'last-column-id': highestFieldId(definition.schema.fields),
    'current-schema-id': 0,
    schemas: [{ ...definition.schema, 'schema-id': 0 }],
    'default-spec-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: definition.partitionFields }],
    'last-partition-id': Math.max(LAST_PARTITION_ID_NONE, ...partitionIds),
    'default-sort-order-id': 0,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    properties: definition.properties,
    'current-snapshot-id': null,
    refs: {},
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
  };
}

/** Throws CommitConflict at the first that does not hold. */
export function checkRequirements(metadata: TableMetadata, requirements: readonly Requirement[]): void {
  for (const requirement of requirements) {
    const [is, wanted] = sidesOf(metadata, requirement);
    if (is !== wanted) {
      const what = requirement.type.replace('assert-', '');
      throw new CommitConflict(`${what} of the table at ${metadata.location} is ${String(is)}, not ${String(wanted)}`);
    }
  }
}

function sidesOf(metadata: TableMetadata, requirement: Requirement): readonly [unknown, unknown] {
  switch (requirement.type) {
    case 'assert-table-uuid':
      return [metadata['table-uuid'], requirement.uuid];
    case 'assert-ref-snapshot-id':
      return [metadata.refs[requirement.ref]?.['snapshot-id'] ?? null, requirement['snapshot-id']];
    case 'assert-last-assigned-field-id':
      return [metadata['last-column-id'], requirement['last-assigned-field-id']];
    case 'assert-current-schema-id':
      return [metadata['current-schema-id'], requirement['current-schema-id']];
    case 'assert-default-spec-id':
      return [metadata['default-spec-id'], requirement['default-spec-id']];
    default:
      throw new CommitRefused(`no such requirement: ${JSON.stringify(requirement satisfies never)}`);
  }
}

/** The metadata after all updates, in their order. Throws CommitRefused when one makes no sense. */
export function applyUpdates(metadata: TableMetadata, updates: readonly Update[], nowMs: number): TableMetadata {
  const draft: Draft = { ...metadata, 'last-updated-ms': Math.max(nowMs, metadata['last-updated-ms']) };
  for (const update of updates) apply(draft, update);
  return draft;
}

function apply(draft: Draft, update: Update): void {
  switch (update.action) {
    case 'add-snapshot':
      return addSnapshot(draft, update.snapshot);
    case 'set-snapshot-ref':
      return setRef(draft, update['ref-name'], { 'snapshot-id': update['snapshot-id'], type: update.type });
    case 'remove-snapshot-ref':
      return removeRef(draft, update['ref-name']);
    case 'remove-snapshots':
      return removeSnapshots(draft, update['snapshot-ids']);
    case 'set-properties':
      draft.properties = { ...draft.properties, ...update.updates };
      return;
    case 'remove-properties': {
      const removals = new Set(update.removals);
      draft.properties = Object.fromEntries(Object.entries(draft.properties).filter(([name]) => !removals.has(name)));
      return;
    }
    case 'add-schema':
      return addSchema(draft, update.schema, update['last-column-id']);
    case 'set-current-schema':
      draft['current-schema-id'] = chosen(draft.schemas.map(schemaId), update['schema-id'], 'schema');
      return;
    case 'add-spec':
      return addSpec(draft, update.spec);
    case 'set-default-spec':
      draft['default-spec-id'] = chosen(draft['partition-specs'].map(specId), update['spec-id'], 'partition spec');
      return;
    default:
      throw new CommitRefused(`no such update: ${JSON.stringify(update satisfies never)}`);
  }
}

function addSnapshot(draft: Draft, snapshot: Snapshot): void {
  const id = snapshot['snapshot-id'];
  if (draft.snapshots.some((known) => known['snapshot-id'] === id)) {
    throw new CommitRefused(`the table at ${draft.location} has a snapshot ${id} already`);
  }
  if (snapshot['sequence-number'] <= draft['last-sequence-number']) {
    throw new CommitConflict(`sequence number ${snapshot['sequence-number']} is taken at ${draft.location}`);
  }
  draft.snapshots = [...draft.snapshots, snapshot];
  draft['last-sequence-number'] = snapshot['sequence-number'];
  draft['last-updated-ms'] = Math.max(draft['last-updated-ms'], snapshot['timestamp-ms']);
}

function setRef(draft: Draft, name: string, ref: TableMetadata['refs'][string]): void {
  if (!draft.snapshots.some((snapshot) => snapshot['snapshot-id'] === ref['snapshot-id'])) {
    throw new CommitRefused(`the table at ${draft.location} has no snapshot ${ref['snapshot-id']} for ${name}`);
  }
  draft.refs = { ...draft.refs, [name]: { ...draft.refs[name], ...ref } };
  if (name !== 'main') return;
  draft['current-snapshot-id'] = ref['snapshot-id'];
  const entry = { 'timestamp-ms': draft['last-updated-ms'], 'snapshot-id': ref['snapshot-id'] };
  draft['snapshot-log'] = [...draft['snapshot-log'], entry];
}

function removeRef(draft: Draft, name: string): void {
  draft.refs = Object.fromEntries(Object.entries(draft.refs).filter(([known]) => known !== name));
  if (name === 'main') draft['current-snapshot-id'] = null;
}

function removeSnapshots(draft: Draft, ids: readonly SnapshotId[]): void {
  const removals = new Set(ids);
  for (const [name, ref] of Object.entries(draft.refs)) {
    if (removals.has(ref['snapshot-id'])) {
      throw new CommitRefused(`snapshot ${ref['snapshot-id']} of the table at ${draft.location} is ${name}`);
    }
  }
  draft.snapshots = draft.snapshots.filter((snapshot) => !removals.has(snapshot['snapshot-id']));
  // The log must have no gap, so it begins anew after the newest entry that is gone.
  const gap = draft['snapshot-log'].findLastIndex((entry) => removals.has(entry['snapshot-id']));
  draft['snapshot-log'] = draft['snapshot-log'].slice(gap + 1);
}

function addSchema(draft: Draft, schema: Schema, lastColumnId: number): void {
  const id = Math.max(-1, ...draft.schemas.map(schemaId)) + 1;
  draft.schemas = [...draft.schemas, { ...schema, 'schema-id': id }];
  draft['last-column-id'] = Math.max(draft['last-column-id'], lastColumnId, highestFieldId(schema.fields));
}

function addSpec(draft: Draft, spec: PartitionSpec): void {
  const id = Math.max(-1, ...draft['partition-specs'].map(specId)) + 1;
  draft['partition-specs'] = [...draft['partition-specs'], { ...spec, 'spec-id': id }];
  const fieldIds = spec.fields.map((field) => field['field-id']);
  draft['last-partition-id'] = Math.max(draft['last-partition-id'], ...fieldIds);
}

function chosen(ids: readonly number[], wanted: number, what: string): number {
  const id = wanted === -1 ? ids.at(-1) : ids.find((candidate) => candidate === wanted);
  if (id === undefined) throw new CommitRefused(`there is no ${what} ${wanted}`);
  return id;
}

function schemaId(schema: Schema): number {
  return schema['schema-id'];
}

function specId(spec: PartitionSpec): number {
  return spec['spec-id'];
}
