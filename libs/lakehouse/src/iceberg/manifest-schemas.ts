import type { AvroField, AvroRecord, AvroType } from './avro/schema';
import type { PartitionColumn } from './transform';
import type { PrimitiveType } from './types';

/** The schema of a manifest of data files partitioned by these columns (Iceberg's specification, "Manifests"). */
export function manifestEntrySchema(columns: readonly PartitionColumn[]): AvroRecord {
  const partition = columns.map(({ id, name, type }) => optional(avroName(name), id, avroTypeOf(type)));
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: [
      required('status', 0, 'int'),
      optional('snapshot_id', 1, 'long'),
      optional('sequence_number', 3, 'long'),
      optional('file_sequence_number', 4, 'long'),
      required('data_file', 2, {
        type: 'record',
        name: 'r2',
        fields: [
          required('content', 134, 'int'),
          required('file_path', 100, 'string'),
          required('file_format', 101, 'string'),
          required('partition', 102, { type: 'record', name: 'r102', fields: partition }),
          required('record_count', 103, 'long'),
          required('file_size_in_bytes', 104, 'long'),
          optional('column_sizes', 108, byFieldId(117, 118, 'long')),
          optional('value_counts', 109, byFieldId(119, 120, 'long')),
          optional('null_value_counts', 110, byFieldId(121, 122, 'long')),
          optional('nan_value_counts', 137, byFieldId(138, 139, 'long')),
          optional('lower_bounds', 125, byFieldId(126, 127, 'bytes')),
          optional('upper_bounds', 128, byFieldId(129, 130, 'bytes')),
          optional('key_metadata', 131, 'bytes'),
          optional('split_offsets', 132, { type: 'array', items: 'long', 'element-id': 133 }),
          optional('equality_ids', 135, { type: 'array', items: 'int', 'element-id': 136 }),
          optional('sort_order_id', 140, 'int'),
        ],
      }),
    ],
  };
}

/** The schema of a manifest list (Iceberg's specification, "Manifest Lists"). */
export const MANIFEST_FILE_SCHEMA: AvroRecord = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    required('manifest_path', 500, 'string'),
    required('manifest_length', 501, 'long'),
    required('partition_spec_id', 502, 'int'),
    required('content', 517, 'int'),
    required('sequence_number', 515, 'long'),
    required('min_sequence_number', 516, 'long'),
    required('added_snapshot_id', 503, 'long'),
    required('added_files_count', 504, 'int'),
    required('existing_files_count', 505, 'int'),
    required('deleted_files_count', 506, 'int'),
    required('added_rows_count', 512, 'long'),
    required('existing_rows_count', 513, 'long'),
    required('deleted_rows_count', 514, 'long'),
    optional('partitions', 507, {
      type: 'array',
      'element-id': 508,
      items: {
        type: 'record',
        name: 'r508',
        fields: [
          required('contains_null', 509, 'boolean'),
          optional('contains_nan', 518, 'boolean'),
          optional('lower_bound', 510, 'bytes'),
          optional('upper_bound', 511, 'bytes'),
        ],
      },
    }),
    optional('key_metadata', 519, 'bytes'),
  ],
};

/** Our name of each field by its id: writers agree on the ids, not always on the names. */
export function namesById(schema: AvroRecord): Map<number, string> {
  const names = new Map<number, string>();
  const collect = (type: AvroType): void => {
    if (typeof type === 'string') return;
    if (Array.isArray(type)) return type.forEach(collect);
    if ('items' in type) collect(type.items);
    if ('fields' in type) {
      for (const field of type.fields) {
        if (field['field-id'] !== undefined) names.set(field['field-id'], field.name);
        collect(field.type);
      }
    }
  };
  collect(schema);
  return names;
}

/** Avro's names have letters, digits and underscores; Iceberg escapes the rest so. */
export function avroName(name: string): string {
  return name
    .replace(/[^A-Za-z0-9_]/g, (sign) => `_x${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^(?=\d)/, '_');
}

function required(name: string, id: number, type: AvroType): AvroField {
  return { name, type, 'field-id': id };
}

function optional(name: string, id: number, type: AvroType): AvroField {
  return { name, type: ['null', type], default: null, 'field-id': id };
}

/** A map with whole numbers as keys, which Avro has only as a list of pairs. */
function byFieldId(keyId: number, valueId: number, value: AvroType): AvroType {
  const fields = [required('key', keyId, 'int'), required('value', valueId, value)];
  return { type: 'array', logicalType: 'map', items: { type: 'record', name: `k${keyId}_v${valueId}`, fields } };
}

function avroTypeOf(type: PrimitiveType): AvroType {
  switch (type) {
    case 'binary':
      return 'bytes';
    case 'date':
      return { type: 'int', logicalType: 'date' };
    case 'timestamptz':
      return { type: 'long', logicalType: 'timestamp-micros', 'adjust-to-utc': true };
    case 'boolean':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'string':
      return type;
    default:
      throw new TypeError(`no Avro type for ${JSON.stringify(type satisfies never)}`);
  }
}
