import { decodeAvro, encodeAvro } from './avro/container';
import type { AvroObject, AvroValue } from './avro/schema';
import { MetadataUnreadable } from './errors';
import { MANIFEST_FILE_SCHEMA, namesById } from './manifest-schemas';
import type { SnapshotId } from './types';

/** What the values of one partition field are, over all files of a manifest. Without bounds: null only. */
export interface PartitionSummary {
  readonly containsNull: boolean;
  readonly containsNan?: boolean;
  readonly lower?: Uint8Array;
  readonly upper?: Uint8Array;
}

export interface FileCounts {
  readonly files: number;
  readonly rows: bigint;
}

/** A manifest, as a manifest list names it. */
export interface ManifestFile {
  readonly path: string;
  readonly lengthBytes: bigint;
  readonly specId: number;
  readonly content: 'data' | 'deletes';
  readonly sequenceNumber: bigint;
  readonly minSequenceNumber: bigint;
  readonly addedSnapshotId: SnapshotId;
  readonly added: FileCounts;
  readonly existing: FileCounts;
  readonly deleted: FileCounts;
  /** In the order of the spec's fields; absent: not known. */
  readonly partitions?: readonly PartitionSummary[];
  readonly keyMetadata?: Uint8Array;
}

const NAMES = namesById(MANIFEST_FILE_SCHEMA);

export function encodeManifestList(
  manifests: readonly ManifestFile[],
  snapshot: { readonly id: SnapshotId; readonly parentId: SnapshotId | undefined; readonly sequenceNumber: bigint },
): Buffer {
  return encodeAvro(MANIFEST_FILE_SCHEMA, manifests.map(recordOf), {
    'snapshot-id': String(snapshot.id),
    'parent-snapshot-id': String(snapshot.parentId ?? 'null'),
    'sequence-number': String(snapshot.sequenceNumber),
    'format-version': '2',
  });
}

/** `path` is for the error. */
export function decodeManifestList(
  bytes: Buffer,
  path: string,
): { readonly manifests: readonly ManifestFile[]; readonly sizeBytes: number } {
  try {
    const { records, sizeBytes } = decodeAvro(bytes, (id) => NAMES.get(id));
    return { manifests: records.map(manifestOf), sizeBytes };
  } catch (cause) {
    throw new MetadataUnreadable(`could not read the manifest list ${path}`, { cause });
  }
}

function recordOf(manifest: ManifestFile): AvroObject {
  return {
    manifest_path: manifest.path,
    manifest_length: manifest.lengthBytes,
    partition_spec_id: manifest.specId,
    content: manifest.content === 'data' ? 0 : 1,
    sequence_number: manifest.sequenceNumber,
    min_sequence_number: manifest.minSequenceNumber,
    added_snapshot_id: manifest.addedSnapshotId,
    added_files_count: manifest.added.files,
    existing_files_count: manifest.existing.files,
    deleted_files_count: manifest.deleted.files,
    added_rows_count: manifest.added.rows,
    existing_rows_count: manifest.existing.rows,
    deleted_rows_count: manifest.deleted.rows,
    partitions:
      manifest.partitions?.map((summary) => ({
        contains_null: summary.containsNull,
        contains_nan: summary.containsNan ?? false,
        lower_bound: summary.lower ?? null,
        upper_bound: summary.upper ?? null,
      })) ?? null,
    key_metadata: manifest.keyMetadata ?? null,
  };
}

function manifestOf(record: AvroObject): ManifestFile {
  const partitions = record['partitions'];
  const keyMetadata = record['key_metadata'];
  return {
    path: text(record['manifest_path']),
    lengthBytes: long(record['manifest_length']),
    specId: int(record['partition_spec_id']),
    content: int(record['content']) === 0 ? 'data' : 'deletes',
    sequenceNumber: long(record['sequence_number']),
    minSequenceNumber: long(record['min_sequence_number']),
    addedSnapshotId: long(record['added_snapshot_id']),
    added: { files: int(record['added_files_count']), rows: long(record['added_rows_count']) },
    existing: { files: int(record['existing_files_count']), rows: long(record['existing_rows_count']) },
    deleted: { files: int(record['deleted_files_count']), rows: long(record['deleted_rows_count']) },
    ...(Array.isArray(partitions) ? { partitions: partitions.map(summaryOf) } : {}),
    ...(keyMetadata instanceof Uint8Array ? { keyMetadata } : {}),
  };
}

function summaryOf(value: AvroValue): PartitionSummary {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no partition summary');
  // The schema that was written says it is a record.
  const summary = value as AvroObject;
  const lower = summary['lower_bound'];
  const upper = summary['upper_bound'];
  return {
    containsNull: summary['contains_null'] === true,
    containsNan: summary['contains_nan'] === true,
    ...(lower instanceof Uint8Array ? { lower } : {}),
    ...(upper instanceof Uint8Array ? { upper } : {}),
  };
}

function int(value: AvroValue | undefined): number {
  if (typeof value !== 'number') throw new TypeError('no int where one should be');
  return value;
}

function text(value: AvroValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError('no text where it should be');
  return value;
}

function long(value: AvroValue | undefined): bigint {
  if (typeof value !== 'bigint') throw new TypeError('no long where one should be');
  return value;
}
