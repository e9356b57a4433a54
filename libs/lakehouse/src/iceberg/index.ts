export { commit } from './commit';
export type { CommitOptions } from './commit';
export { dataFileFromDuckStats } from './duck-stats';
export type { DuckStatsRow } from './duck-stats';
export { CommitConflict, CommitRefused, CommitStateUnknown, Fenced, MetadataUnreadable, TableMissing } from './errors';
export { expireSnapshots } from './expire-snapshots';
export type { ExpireOptions } from './expire-snapshots';
export { COMMIT_POINTS } from './failpoints';
export type { CommitPoint, Reached } from './failpoints';
export { currentSchema, currentSnapshot, schemaOf, snapshotOf, specOf } from './metadata';
export { removeOrphans } from './remove-orphans';
export type { OrphanOptions } from './remove-orphans';
export { filesAddedSince, liveFiles } from './scan';
export type { FileChanges, ScanOptions } from './scan';
export { daysSinceEpoch, lowerBound, microsOf, upperBound, valueBytes, valueOf } from './single-value';
export type { ColumnValue } from './single-value';
export { COMMIT_ID } from './snapshot-builder';
export { evolveSchema, updateProperties } from './table-changes';
export type { Evolve } from './table-changes';
export { bucketOf, dayOf, partitionColumns, partitionFromText, partitionValue } from './transform';
export type { PartitionColumn } from './transform';
export type {
  Change,
  DataFile,
  Field,
  FieldType,
  ListType,
  MapType,
  PartitionField,
  PartitionSpec,
  PartitionValues,
  PrimitiveType,
  Schema,
  Snapshot,
  SnapshotId,
  Table,
  TableMetadata,
} from './types';
