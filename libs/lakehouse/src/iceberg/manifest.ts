import { decodeAvro, encodeAvro } from './avro/container';
import type { AvroObject, AvroValue } from './avro/schema';
import { MetadataUnreadable } from './errors';
import { formatJson } from './lossless-json';
import { currentSchema, specOf } from './metadata';
import { avroName, manifestEntrySchema, namesById } from './manifest-schemas';
import type { ManifestFile, PartitionSummary } from './manifest-list';
import { valueBytes } from './single-value';
import { partitionColumns } from './transform';
import type { PartitionColumn } from './transform';
import type { DataFile, PartitionValues, SnapshotId, TableMetadata } from './types';

export const STATUS = { existing: 0, added: 1, deleted: 2 } as const;
export type EntryStatus = (typeof STATUS)[keyof typeof STATUS];

/** A line of a manifest. Ids and sequence numbers that are inherited from the manifest list are filled in on reading. */
export interface ManifestEntry {
  readonly status: EntryStatus;
  readonly snapshotId: SnapshotId;
  /** null: whatever the commit gets; only for files that are being added. */
  readonly sequenceNumber: bigint | null;
  readonly fileSequenceNumber: bigint | null;
  readonly file: DataFile;
}

/** A manifest before it has its path and sequence number. */
export interface EncodedManifest {
  readonly bytes: Buffer;
  readonly summary: Omit<ManifestFile, 'path' | 'sequenceNumber' | 'minSequenceNumber'> & {
    /** Of the live files that have one; undefined when all are being added. */
    readonly minSequenceNumber: bigint | undefined;
  };
}

const FORMAT_PARQUET = 'PARQUET';

export function encodeManifest(
  metadata: TableMetadata,
  specId: number,
  snapshotId: SnapshotId,
  options: { readonly entries: readonly ManifestEntry[] },
): EncodedManifest {
  const { entries } = options;
  const spec = specOf(metadata, specId);
  const columns = partitionColumns(spec, metadata.schemas);
  const schema = currentSchema(metadata);
  const bytes = encodeAvro(
    manifestEntrySchema(columns),
    entries.map((entry) => entryRecord(entry, columns)),
    {
      schema: formatJson(schema),
      'schema-id': String(schema['schema-id']),
      'partition-spec': formatJson(spec.fields),
      'partition-spec-id': String(specId),
      'format-version': '2',
      content: 'data',
    },
  );
  return { bytes, summary: { ...countsOf(entries), ...summaryOf(bytes, specId, snapshotId, columns, entries) } };
}

/** `manifest` is where the bytes were read; what an entry does not say itself, it inherits from there. */
export function decodeManifest(
  bytes: Buffer,
  metadata: TableMetadata,
  manifest: ManifestFile,
): { readonly entries: readonly ManifestEntry[]; readonly sizeBytes: number } {
  try {
    // A file that was cut between two blocks looks whole.
    if (BigInt(bytes.length) !== manifest.lengthBytes) {
      throw new RangeError(`${bytes.length} bytes instead of ${manifest.lengthBytes}`);
    }
    const columns = partitionColumns(specOf(metadata, manifest.specId), metadata.schemas);
    const names = namesById(manifestEntrySchema(columns));
    const { records, sizeBytes } = decodeAvro(bytes, (id) => names.get(id));
    return { entries: records.map((record) => entryOf(record, columns, manifest)), sizeBytes };
  } catch (cause) {
    throw new MetadataUnreadable(`could not read the manifest ${manifest.path}`, { cause });
  }
}

function summaryOf(
  bytes: Buffer,
  specId: number,
  snapshotId: SnapshotId,
  columns: readonly PartitionColumn[],
  entries: readonly ManifestEntry[],
) {
  const live = entries.filter((entry) => entry.status !== STATUS.deleted);
  const sequenceNumbers = live.flatMap((entry) => entry.sequenceNumber ?? []);
  return {
    lengthBytes: BigInt(bytes.length),
    specId,
    content: 'data' as const,
    addedSnapshotId: snapshotId,
    minSequenceNumber: sequenceNumbers.length === 0 ? undefined : sequenceNumbers.reduce((a, b) => (a < b ? a : b)),
    partitions: columns.map((column) => partitionSummary(column, entries)),
  };
}

function countsOf(entries: readonly ManifestEntry[]) {
  const ofStatus = (status: EntryStatus): { files: number; rows: bigint } => {
    const files = entries.filter((entry) => entry.status === status);
    return { files: files.length, rows: files.reduce((sum, entry) => sum + entry.file.recordCount, 0n) };
  };
  return { added: ofStatus(STATUS.added), existing: ofStatus(STATUS.existing), deleted: ofStatus(STATUS.deleted) };
}

function partitionSummary({ name, type }: PartitionColumn, entries: readonly ManifestEntry[]): PartitionSummary {
  let lower: number | string | undefined;
  let upper: number | string | undefined;
  let containsNull = false;
  for (const { file } of entries) {
    const value = file.partition[name] ?? null;
    if (value === null) containsNull = true;
    else {
      if (lower === undefined || isBefore(value, lower)) lower = value;
      if (upper === undefined || isBefore(upper, value)) upper = value;
    }
  }
  if (lower === undefined || upper === undefined) return { containsNull };
  return { containsNull, lower: valueBytes(type, lower), upper: valueBytes(type, upper) };
}

/** Text in the order of its UTF-8 bytes, which is that of its code points. */
function isBefore(a: number | string, b: number | string): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  return Buffer.compare(Buffer.from(String(a), 'utf8'), Buffer.from(String(b), 'utf8')) < 0;
}

function entryRecord(entry: ManifestEntry, columns: readonly PartitionColumn[]): AvroObject {
  const { file } = entry;
  return {
    status: entry.status,
    snapshot_id: entry.snapshotId,
    sequence_number: entry.sequenceNumber,
    file_sequence_number: entry.fileSequenceNumber,
    data_file: {
      content: 0,
      file_path: file.path,
      file_format: FORMAT_PARQUET,
      partition: Object.fromEntries(
        columns.map((column) => [avroName(column.name), partitionAvro(column, file.partition)]),
      ),
      record_count: file.recordCount,
      file_size_in_bytes: file.sizeBytes,
      column_sizes: pairsOf(file.columnSizes),
      value_counts: pairsOf(file.valueCounts),
      null_value_counts: pairsOf(file.nullCounts),
      nan_value_counts: file.nanCounts ? pairsOf(file.nanCounts) : null,
      lower_bounds: pairsOf(file.lowerBounds),
      upper_bounds: pairsOf(file.upperBounds),
      key_metadata: file.keyMetadata ?? null,
      split_offsets: file.splitOffsets ?? null,
      equality_ids: null,
      sort_order_id: file.sortOrderId ?? null,
    },
  };
}

function partitionAvro({ name, type }: PartitionColumn, values: PartitionValues): AvroValue {
  const value = values[name] ?? null;
  if (typeof value !== 'number') return value;
  return type === 'long' || type === 'timestamptz' ? BigInt(value) : value;
}

function pairsOf(map: ReadonlyMap<number, bigint | Uint8Array>): AvroValue {
  return [...map].toSorted(([a], [b]) => a - b).map(([key, value]) => ({ key, value }));
}

function entryOf(record: AvroObject, columns: readonly PartitionColumn[], manifest: ManifestFile): ManifestEntry {
  const file = objectOf(record['data_file']);
  if (numberOf(file['content']) !== 0) throw new TypeError('a data manifest that names a delete file');
  if (textOf(file['file_format']).toUpperCase() !== FORMAT_PARQUET)
    throw new TypeError('a data file that is not parquet');
  return {
    status: statusOf(record['status']),
    snapshotId: bigintOr(record['snapshot_id'], manifest.addedSnapshotId),
    sequenceNumber: bigintOr(record['sequence_number'], manifest.sequenceNumber),
    fileSequenceNumber: bigintOr(record['file_sequence_number'], manifest.sequenceNumber),
    file: dataFileOf(file, columns, manifest.specId),
  };
}

function dataFileOf(file: AvroObject, columns: readonly PartitionColumn[], specId: number): DataFile {
  const partition = objectOf(file['partition']);
  const nanCounts = mapOf(file['nan_value_counts'], asBigint);
  const splitOffsets = file['split_offsets'];
  const sortOrderId = file['sort_order_id'];
  const keyMetadata = file['key_metadata'];
  return {
    path: textOf(file['file_path']),
    partition: Object.fromEntries(columns.map(({ name }) => [name, partitionOf(partition[avroName(name)])])),
    specId,
    recordCount: asBigint(file['record_count']),
    sizeBytes: asBigint(file['file_size_in_bytes']),
    columnSizes: mapOf(file['column_sizes'], asBigint),
    valueCounts: mapOf(file['value_counts'], asBigint),
    nullCounts: mapOf(file['null_value_counts'], asBigint),
    lowerBounds: mapOf(file['lower_bounds'], asBytes),
    upperBounds: mapOf(file['upper_bounds'], asBytes),
    ...(nanCounts.size > 0 ? { nanCounts } : {}),
    ...(Array.isArray(splitOffsets) ? { splitOffsets: splitOffsets.map(asBigint) } : {}),
    ...(typeof sortOrderId === 'number' ? { sortOrderId } : {}),
    ...(keyMetadata instanceof Uint8Array ? { keyMetadata } : {}),
  };
}

function statusOf(value: AvroValue | undefined): EntryStatus {
  const status = Object.values(STATUS).find((known) => known === value);
  if (status === undefined) throw new TypeError('no status of a manifest entry');
  return status;
}

function partitionOf(value: AvroValue | undefined): number | string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value);
  throw new TypeError('a partition value of a type that is not read here');
}

function mapOf<T>(value: AvroValue | undefined, valueOf: (value: AvroValue | undefined) => T): Map<number, T> {
  if (!Array.isArray(value)) return new Map();
  return new Map(
    (value as readonly AvroValue[]).map((item) => {
      const pair = objectOf(item);
      return [numberOf(pair['key']), valueOf(pair['value'])];
    }),
  );
}

function objectOf(value: AvroValue | undefined): AvroObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new TypeError('no record where one should be');
  }
  // Records are plain objects; maps and lists do not occur where this is called.
  return value as AvroObject;
}

function numberOf(value: AvroValue | undefined): number {
  if (typeof value !== 'number') throw new TypeError('no int where one should be');
  return value;
}

function textOf(value: AvroValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError('no text where it should be');
  return value;
}

function asBigint(value: AvroValue | undefined): bigint {
  if (typeof value !== 'bigint') throw new TypeError('no long where one should be');
  return value;
}

function asBytes(value: AvroValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError('no bytes where they should be');
  return value;
}

function bigintOr(value: AvroValue | undefined, inherited: bigint): bigint {
  return typeof value === 'bigint' ? value : inherited;
}
