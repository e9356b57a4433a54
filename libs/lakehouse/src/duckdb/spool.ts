import { isUtf8 } from 'node:buffer';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LandingRecord } from '../lakehouse';
import type { DuckSession } from './duck';
import { literal } from './sql';

// Between the fields stands a byte that no JSON text and no sane key holds; whatever holds it goes the slow way.
const FIELD_END = 0x01;
const NULL_MARK = 0x02;
const ROW_END = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** A value or key that holds one of these cannot be carried in the file. */
const APART = [0, FIELD_END, NULL_MARK, ROW_END, CARRIAGE_RETURN] as const;
const CARRIED_BYTES_MAX = 1_000_000;
const ROW_BYTES_MAX = 2_097_152;
// The same process serves live traffic: about 2 ms of work, then the others.
const SLICE_RECORDS_MAX = 500;
const SLICE_BYTES_MAX = 1_048_576;
const POSITION_BYTES_MAX = 64;

/** The columns of a spooled record: `partition`, `offset`, `appended_ms`, `key`, `payload`, `is_binary`. */
export interface Spool {
  readonly sql: string;
  remove(): Promise<void>;
}

/**
 * Puts records where DuckDB reads them fastest: a text file without quoting, byte for byte. Values that such a file
 * cannot carry (line breaks between tokens, no UTF-8, very long) go into a table of the session instead.
 */
export async function spool(session: DuckSession, path: string, records: readonly LandingRecord[]): Promise<Spool> {
  await session.run(
    'prepare a landing',
    `CREATE OR REPLACE TEMP TABLE spooled_apart (
      "partition" BIGINT, "offset" BIGINT, appended_ms BIGINT, "key" VARCHAR, payload VARCHAR, binary_flag BIGINT)`,
  );
  const file = await open(path, 'w', 0o600);
  let carried = 0;
  try {
    carried = await writeRecords(session, file, records);
  } finally {
    await file.close();
  }
  const apart = `SELECT "partition"::INTEGER AS "partition", "offset", appended_ms, "key", payload,
    binary_flag = 1 AS is_binary FROM spooled_apart`;
  return {
    sql: carried === 0 ? `(${apart})` : `(SELECT *, false AS is_binary FROM ${fileSql(path)} UNION ALL ${apart})`,
    remove: async () => {
      await rm(path, { force: true });
      await session.run('end a landing', 'DROP TABLE IF EXISTS spooled_apart');
    },
  };
}

async function writeRecords(session: DuckSession, file: FileHandle, records: readonly LandingRecord[]) {
  let carried = 0;
  for (let from = 0; from < records.length;) {
    const slice = sliceOf(records, from);
    const { bytes, apart } = encode(slice);
    carried += slice.length - apart.length;
    if (apart.length > 0) await session.append('spooled_apart', apart);
    for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
    from += slice.length;
    await nextTurn();
  }
  return carried;
}

function sliceOf(records: readonly LandingRecord[], from: number): readonly LandingRecord[] {
  let to = from;
  for (let bytes = 0; to < records.length && to - from < SLICE_RECORDS_MAX; to += 1) {
    bytes += records[to]!.value.length;
    if (bytes > SLICE_BYTES_MAX && to > from) break;
  }
  return records.slice(from, to);
}

function encode(records: readonly LandingRecord[]) {
  const size = records.reduce((sum, { key, value }) => sum + POSITION_BYTES_MAX + key.length * 3 + value.length, 0);
  const bytes = Buffer.allocUnsafe(size);
  const apart: (string | number)[][] = [];
  let at = 0;
  for (const record of records) {
    const value = Buffer.from(record.value.buffer, record.value.byteOffset, record.value.byteLength);
    if (!isCarried(record.key, value)) {
      apart.push(apartRow(record, value));
      continue;
    }
    at += bytes.write(
      `${record.partition}\x01${record.offset}\x01${Math.floor(record.appendedAtMs)}\x01`,
      at,
      'latin1',
    );
    at += bytes.write(record.key, at);
    bytes[at++] = FIELD_END;
    at += value.copy(bytes, at);
    bytes[at++] = ROW_END;
  }
  return { bytes: bytes.subarray(0, at), apart };
}

function isCarried(key: string, value: Buffer): boolean {
  return (
    value.length <= CARRIED_BYTES_MAX &&
    !APART.some((byte) => value.includes(byte)) &&
    isUtf8(value) &&
    !APART.some((byte) => key.includes(String.fromCharCode(byte))) &&
    key.isWellFormed()
  );
}

function apartRow({ partition, offset, appendedAtMs, key }: LandingRecord, value: Buffer): (string | number)[] {
  const isText = isUtf8(value);
  return [
    partition,
    offset,
    Math.floor(appendedAtMs),
    key.toWellFormed(),
    value.toString(isText ? 'utf8' : 'base64'),
    isText ? 0 : 1,
  ];
}

const fileSql = (path: string): string => `read_csv(${literal(path)},
  auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', comment = '', new_line = '\\n',
  nullstr = '\x02', max_line_size = ${ROW_BYTES_MAX}, strict_mode = true,
  columns = {'partition': 'INTEGER', 'offset': 'BIGINT', 'appended_ms': 'BIGINT', 'key': 'VARCHAR', 'payload': 'VARCHAR'})`;
