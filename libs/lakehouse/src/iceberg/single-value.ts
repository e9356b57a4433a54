import type { PrimitiveType } from './types';

/** A value of a column: date as days since the epoch, timestamptz as microseconds since the epoch. */
export type ColumnValue = boolean | number | bigint | string | Uint8Array;

/** Bounds of text are cut after so many characters (code points), as Iceberg's default metrics mode does. */
export const BOUND_CHARACTERS_MAX = 16;

const CODE_POINT_MAX = 0x10ffff;
const SURROGATES_FIRST = 0xd800;
const SURROGATES_LAST = 0xdfff;
const DAY_MS = 86_400_000;

/** Iceberg's single-value serialisation (its specification, appendix D). */
export function valueBytes(type: PrimitiveType, value: ColumnValue): Buffer {
  switch (type) {
    case 'boolean':
      return Buffer.from([value === true ? 1 : 0]);
    case 'int':
    case 'date': {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(Number(value));
      return bytes;
    }
    case 'long':
    case 'timestamptz': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(value as number | bigint));
      return bytes;
    }
    case 'float': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(Number(value));
      return bytes;
    }
    case 'double': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(Number(value));
      return bytes;
    }
    case 'string':
      return Buffer.from(String(value), 'utf8');
    case 'binary':
      return Buffer.from(value as Uint8Array);
    default:
      throw new TypeError(`no serialisation for ${JSON.stringify(type satisfies never)}`);
  }
}

/** int, date, float and double come back as numbers; long and timestamptz as bigint. */
export function valueOf(type: PrimitiveType, bytes: Uint8Array): ColumnValue {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'boolean':
      return buffer.readUInt8(0) !== 0;
    case 'int':
    case 'date':
      return buffer.readInt32LE(0);
    case 'long':
    case 'timestamptz':
      // A column that was widened from int keeps its old bounds.
      return buffer.length === 4 ? BigInt(buffer.readInt32LE(0)) : buffer.readBigInt64LE(0);
    case 'float':
      return buffer.readFloatLE(0);
    case 'double':
      return buffer.length === 4 ? buffer.readFloatLE(0) : buffer.readDoubleLE(0);
    case 'string':
      return buffer.toString('utf8');
    case 'binary':
      return Buffer.from(buffer);
    default:
      throw new TypeError(`no serialisation for ${JSON.stringify(type satisfies never)}`);
  }
}

export function lowerBound(type: PrimitiveType, value: ColumnValue): Buffer {
  return valueBytes(type, typeof value === 'string' ? firstCharacters(value).join('') : value);
}

/** undefined when no text of the allowed length is as great as the value. */
export function upperBound(type: PrimitiveType, value: ColumnValue): Buffer | undefined {
  if (type === 'binary') return undefined;
  if (typeof value !== 'string') return valueBytes(type, value);
  const first = firstCharacters(value);
  if (first.join('').length === value.length) return valueBytes(type, value);
  const greater = leastAbove(first);
  return greater === undefined ? undefined : valueBytes(type, greater);
}

/** Milliseconds or text of DuckDB's (`2026-11-22`, `2026-11-22 21:09:55.57999+00`, UTC) to days since the epoch. */
export function daysSinceEpoch(day: number | string): number {
  if (typeof day === 'number') return Math.floor(day / DAY_MS);
  const ms = Date.parse(`${day.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(ms)) throw new RangeError(`"${day.slice(0, 32)}" is no day`);
  return Math.floor(ms / DAY_MS);
}

/** DuckDB's text of a timestamp in UTC, to microseconds since the epoch. */
export function microsOf(text: string): bigint {
  const match = /^(\d{4,6})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\d*(?:Z|\+00(?::?00)?)?$/.exec(text);
  if (!match) throw new RangeError(`"${text.slice(0, 40)}" is no timestamp in UTC`);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const ms = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  return BigInt(ms) * 1000n + BigInt((match[7] ?? '').padEnd(6, '0'));
}

function firstCharacters(text: string): string[] {
  // A character is two units at most: the cut saves taking a long text apart.
  return Array.from(text.slice(0, BOUND_CHARACTERS_MAX * 2)).slice(0, BOUND_CHARACTERS_MAX);
}

/** The least text, in the order of code points, above all that begin with these characters. */
function leastAbove(characters: readonly string[]): string | undefined {
  for (let i = characters.length - 1; i >= 0; i--) {
    let next = (characters[i]?.codePointAt(0) ?? 0) + 1;
    if (next >= SURROGATES_FIRST && next <= SURROGATES_LAST) next = SURROGATES_LAST + 1;
    if (next <= CODE_POINT_MAX) return characters.slice(0, i).join('') + String.fromCodePoint(next);
  }
  return undefined;
}
