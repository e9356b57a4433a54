import { randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { AvroInput, AvroOutput } from './binary';
import { readerOf, writerOf } from './codec';
import type { FieldName } from './codec';
import type { AvroObject, AvroRecord, AvroValue } from './schema';

const MAGIC = Buffer.from('Obj\u0001', 'latin1');
const SYNC_BYTES = 16;
const BLOCK_RECORDS_MAX = 4000;
/** Bytes of a block, and of a whole file, after they are inflated. */
const BLOCK_BYTES_MAX = 256 * 1024 * 1024;
const FILE_BYTES_MAX = 1024 * 1024 * 1024;
const RECORDS_MAX = 5_000_000;

const HEADER = { type: 'map', values: 'bytes' } as const;

export interface AvroFile {
  readonly metadata: ReadonlyMap<string, string>;
  readonly records: readonly AvroObject[];
  /** Bytes of the records before they were compressed. */
  readonly sizeBytes: number;
}

/** An Avro object container file, deflated. */
export function encodeAvro(
  schema: AvroRecord,
  records: readonly AvroObject[],
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  const sync = randomBytes(SYNC_BYTES);
  const write = writerOf(schema);
  const parts: Buffer[] = [headerOf(schema, metadata), sync];
  for (let from = 0; from < records.length; from += BLOCK_RECORDS_MAX) {
    const block = records.slice(from, from + BLOCK_RECORDS_MAX);
    const body = new AvroOutput();
    for (const record of block) write(body, record);
    const deflated = deflateRawSync(body.done());
    const head = new AvroOutput();
    head.long(BigInt(block.length));
    head.long(BigInt(deflated.length));
    parts.push(head.done(), deflated, sync);
  }
  return Buffer.concat(parts);
}

/** Throws RangeError, TypeError or SyntaxError when the bytes are not what they should be. */
export function decodeAvro(bytes: Buffer, fieldName?: FieldName): AvroFile {
  const input = new AvroInput(bytes);
  if (!input.raw(MAGIC.length).equals(MAGIC)) throw new TypeError('no Avro object container file');
  const header = textsOf(readerOf(HEADER)(input));
  const sync = input.raw(SYNC_BYTES);
  // Whoever wrote the file wrote its schema too; a type that we do not know is refused when the reader is made.
  const schema = JSON.parse(header.get('avro.schema') ?? 'null') as AvroRecord;
  if (schema?.type !== 'record') throw new TypeError('the Avro schema is no record');
  const read = readerOf(schema, fieldName);
  const codec = header.get('avro.codec') ?? 'null';
  const records: AvroObject[] = [];
  let sizeBytes = 0;
  while (!input.isAtEnd) {
    const count = input.long();
    if (count < 0n || count > BigInt(RECORDS_MAX - records.length))
      throw new RangeError(`an Avro block of ${count} records`);
    const body = uncompressed(codec, input.bytes());
    sizeBytes += body.length;
    if (sizeBytes > FILE_BYTES_MAX) throw new RangeError(`an Avro file of more than ${FILE_BYTES_MAX} bytes`);
    if (!input.raw(SYNC_BYTES).equals(sync)) throw new RangeError('an Avro block does not end as it should');
    const block = new AvroInput(body);
    // The schema is a record, so each value is one.
    for (let i = 0n; i < count; i++) records.push(read(block) as AvroObject);
    if (!block.isAtEnd) throw new RangeError('an Avro block holds more than its records');
  }
  return { metadata: header, records, sizeBytes };
}

function headerOf(schema: AvroRecord, metadata: Readonly<Record<string, string>>): Buffer {
  const members = { 'avro.schema': JSON.stringify(schema), 'avro.codec': 'deflate', ...metadata };
  const header = new AvroOutput();
  header.raw(MAGIC);
  writerOf(HEADER)(header, new Map(Object.entries(members).map(([key, text]) => [key, Buffer.from(text, 'utf8')])));
  return header.done();
}

function uncompressed(codec: string, body: Buffer): Buffer {
  if (codec === 'null') return body;
  if (codec === 'deflate') return inflateRawSync(body, { maxOutputLength: BLOCK_BYTES_MAX });
  throw new TypeError(`Avro files compressed by ${codec} are not read here`);
}

function textsOf(header: AvroValue): Map<string, string> {
  const entries = header instanceof Map ? [...(header as ReadonlyMap<string, AvroValue>)] : [];
  return new Map(
    entries.map(([key, value]) => [key, value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : '']),
  );
}
