import { daysSinceEpoch, valueBytes } from './single-value';
import type { ColumnValue } from './single-value';
import type { PartitionField, PartitionSpec, PartitionValues, PrimitiveType, Schema } from './types';

/** A partition field with the type of its values. */
export interface PartitionColumn {
  readonly id: number;
  readonly name: string;
  readonly type: PrimitiveType;
}

const MICROS_A_DAY = 86_400_000_000n;

/** The value of a partition field for a value of its column. */
export function partitionValue(
  field: PartitionField,
  type: PrimitiveType,
  value: ColumnValue | null,
): number | string | null {
  if (value === null) return null;
  const { transform } = field;
  if (transform === 'identity') return identityValue(type, value);
  if (transform === 'day') return dayOf(type, value);
  return bucketOf(type, value, bucketCount(transform));
}

/** timestamptz in microseconds, date in days. */
export function dayOf(type: PrimitiveType, value: ColumnValue): number {
  if (type === 'date') return Number(value);
  if (type !== 'timestamptz') throw new TypeError(`no day of a ${type}`);
  const micros = BigInt(value as number | bigint);
  const days = micros / MICROS_A_DAY;
  return Number(micros % MICROS_A_DAY < 0n ? days - 1n : days);
}

export function bucketOf(type: PrimitiveType, value: ColumnValue, buckets: number): number {
  return (hashOf(type, value) & 0x7fffffff) % buckets;
}

/** Iceberg's 32-bit hash (its specification, appendix B): whole numbers are hashed as longs. */
export function hashOf(type: PrimitiveType, value: ColumnValue): number {
  if (type === 'int' || type === 'date') return murmur3(valueBytes('long', BigInt(Number(value))));
  if (type === 'boolean' || type === 'float' || type === 'double') throw new TypeError(`no bucket of a ${type}`);
  return murmur3(valueBytes(type, value));
}

/** From DuckDB's text of a partition key; `null` for a row without. */
export function partitionFromText(
  columns: readonly PartitionColumn[],
  texts: Readonly<Record<string, string | null>>,
): PartitionValues {
  const values = columns.map(({ name, type }) => {
    const text = texts[name] ?? null;
    if (text === null || type === 'string') return [name, text] as const;
    return [name, type === 'date' ? daysSinceEpoch(text) : Number(text)] as const;
  });
  return Object.fromEntries(values);
}

/** Names and value types of a spec's fields. Other writers' transforms are known as far as reading manifests needs. */
export function partitionColumns(spec: PartitionSpec, schemas: readonly Schema[]): PartitionColumn[] {
  return spec.fields.map((field) => {
    const source = schemas.flatMap((schema) => schema.fields).find((column) => column.id === field['source-id']);
    const type = source?.type ?? 'int';
    if (typeof type !== 'string') throw new TypeError(`partition field ${field.name} is of a list or map`);
    return { id: field['field-id'], name: field.name, type: resultType(field.transform, type) };
  });
}

function resultType(transform: string, source: PrimitiveType): PrimitiveType {
  if (transform === 'day') return 'date';
  return /^(identity|void|truncate)/.test(transform) ? source : 'int';
}

function identityValue(type: PrimitiveType, value: ColumnValue): number | string {
  if (typeof value === 'string') return value;
  if (type !== 'int' && type !== 'long' && type !== 'date') throw new TypeError(`no partition by a ${type}`);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${number} is too great for a partition value`);
  return number;
}

function bucketCount(transform: `bucket[${number}]`): number {
  const count = Number(/^bucket\[(\d+)\]$/.exec(transform)?.[1]);
  if (!Number.isSafeInteger(count) || count < 1) throw new TypeError(`no transform: ${transform}`);
  return count;
}

/** MurmurHash3, 32-bit, x86 variant, seed 0; a signed number. */
export function murmur3(bytes: Buffer): number {
  let hash = 0;
  const whole = bytes.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    hash = (Math.imul(rotate(hash ^ mixed(bytes.readInt32LE(at)), 13), 5) + 0xe6546b64) | 0;
  }
  if (bytes.length > whole) hash ^= mixed(bytes.readUIntLE(whole, bytes.length - whole));
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mixed(block: number): number {
  return Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
