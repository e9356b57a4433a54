import type { PartitionSpec, Schema, Snapshot, SnapshotId } from '../iceberg/types';

/** What must still hold when a commit is made; names and members are those of the Iceberg REST protocol. */
export type Requirement =
  | { readonly type: 'assert-table-uuid'; readonly uuid: string }
  | { readonly type: 'assert-ref-snapshot-id'; readonly ref: string; readonly 'snapshot-id': SnapshotId | null }
  | { readonly type: 'assert-last-assigned-field-id'; readonly 'last-assigned-field-id': number }
  | { readonly type: 'assert-current-schema-id'; readonly 'current-schema-id': number }
  | { readonly type: 'assert-default-spec-id'; readonly 'default-spec-id': number };

/** What a commit changes, in order; names and members are those of the Iceberg REST protocol. */
export type Update =
  | { readonly action: 'add-snapshot'; readonly snapshot: Snapshot }
  | {
      readonly action: 'set-snapshot-ref';
      readonly 'ref-name': string;
      readonly type: 'branch' | 'tag';
      readonly 'snapshot-id': SnapshotId;
    }
  | { readonly action: 'remove-snapshot-ref'; readonly 'ref-name': string }
  | { readonly action: 'remove-snapshots'; readonly 'snapshot-ids': readonly SnapshotId[] }
  | { readonly action: 'set-properties'; readonly updates: Readonly<Record<string, string>> }
  | { readonly action: 'remove-properties'; readonly removals: readonly string[] }
  | { readonly action: 'add-schema'; readonly schema: Schema; readonly 'last-column-id': number }
  /** -1: the schema added last. */
  | { readonly action: 'set-current-schema'; readonly 'schema-id': number }
  | { readonly action: 'add-spec'; readonly spec: PartitionSpec }
  /** -1: the spec added last. */
  | { readonly action: 'set-default-spec'; readonly 'spec-id': number };
