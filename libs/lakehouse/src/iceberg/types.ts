/** 64-bit ids are bigint everywhere; JSON is read and written without loss. */
export type SnapshotId = bigint;

export type PrimitiveType =
  'boolean' | 'int' | 'long' | 'float' | 'double' | 'date' | 'timestamptz' | 'string' | 'binary';
export type FieldType = PrimitiveType | ListType | MapType;

export interface ListType {
  readonly type: 'list';
  readonly 'element-id': number;
  readonly element: PrimitiveType;
  readonly 'element-required': boolean;
}

export interface MapType {
  readonly type: 'map';
  readonly 'key-id': number;
  readonly key: PrimitiveType;
  readonly 'value-id': number;
  readonly value: PrimitiveType;
  readonly 'value-required': boolean;
}

export interface Field {
  readonly id: number;
  readonly name: string;
  readonly required: boolean;
  readonly type: FieldType;
  readonly doc?: string;
}

export interface Schema {
  readonly type: 'struct';
  readonly 'schema-id': number;
  readonly fields: readonly Field[];
}

export interface PartitionField {
  readonly 'field-id': number;
  readonly 'source-id': number;
  readonly name: string;
  readonly transform: 'identity' | 'day' | `bucket[${number}]`;
}

export interface PartitionSpec {
  readonly 'spec-id': number;
  readonly fields: readonly PartitionField[];
}

/** Partition values by partition field name: days since the epoch for `day`, else the value. */
export type PartitionValues = Readonly<Record<string, number | string | null>>;

/** A parquet file of the table, with what a manifest entry needs. */
export interface DataFile {
  /** Absolute location as it stands in the manifest. */
  readonly path: string;
  readonly partition: PartitionValues;
  readonly specId: number;
  readonly recordCount: bigint;
  readonly sizeBytes: bigint;
  /** By field id. Bounds are Iceberg single-value serialisations. */
  readonly columnSizes: ReadonlyMap<number, bigint>;
  readonly valueCounts: ReadonlyMap<number, bigint>;
  readonly nullCounts: ReadonlyMap<number, bigint>;
  readonly lowerBounds: ReadonlyMap<number, Uint8Array>;
  readonly upperBounds: ReadonlyMap<number, Uint8Array>;
  /** The rest is kept when another writer's file passes through our manifests. */
  readonly nanCounts?: ReadonlyMap<number, bigint>;
  readonly splitOffsets?: readonly bigint[];
  readonly sortOrderId?: number;
  readonly keyMetadata?: Uint8Array;
}

export interface Snapshot {
  readonly 'snapshot-id': SnapshotId;
  readonly 'parent-snapshot-id'?: SnapshotId;
  readonly 'sequence-number': bigint;
  readonly 'timestamp-ms': number;
  readonly 'manifest-list': string;
  readonly 'schema-id': number;
  readonly summary: Readonly<Record<string, string>>;
}

export interface TableMetadata {
  readonly 'format-version': 2;
  readonly 'table-uuid': string;
  readonly location: string;
  readonly 'last-sequence-number': bigint;
  readonly 'last-updated-ms': number;
  readonly 'last-column-id': number;
  readonly 'current-schema-id': number;
  readonly schemas: readonly Schema[];
  readonly 'default-spec-id': number;
  readonly 'partition-specs': readonly PartitionSpec[];
  readonly 'last-partition-id': number;
  readonly 'default-sort-order-id': number;
  readonly 'sort-orders': readonly unknown[];
  readonly properties: Readonly<Record<string, string>>;
  readonly 'current-snapshot-id': SnapshotId | null;
  readonly refs: Readonly<Record<string, { readonly 'snapshot-id': SnapshotId; readonly type: 'branch' | 'tag' }>>;
  readonly snapshots: readonly Snapshot[];
  readonly 'snapshot-log': readonly { readonly 'timestamp-ms': number; readonly 'snapshot-id': SnapshotId }[];
  readonly 'metadata-log': readonly { readonly 'timestamp-ms': number; readonly 'metadata-file': string }[];
}

/** A table as it stood when it was loaded. */
export interface Table {
  /** `namespace.table` */
  readonly id: string;
  readonly metadataLocation: string;
  readonly metadata: TableMetadata;
}

/** What a commit changes. It is tried again on a conflict, each time against the table as it then stands. */
export interface Change {
  readonly operation: 'append' | 'overwrite' | 'replace' | 'delete';
  readonly add: readonly DataFile[];
  /** Paths of live files to take out; one that is no longer live ends the commit with CommitConflict. */
  readonly remove?: readonly string[];
  /**
   * Called at each attempt with the table as it stands; returns the table properties to set in the same
   * commit and additions to the snapshot's summary. Throws to give up (a fence, say): nothing is changed then.
   */
  readonly decide?: (metadata: TableMetadata) => {
    readonly properties?: Readonly<Record<string, string>>;
    readonly summary?: Readonly<Record<string, string>>;
  };
}
