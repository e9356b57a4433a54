import { deflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import { AvroInput, AvroOutput } from './binary';
import { decodeAvro, encodeAvro } from './container';
import type { AvroRecord } from './schema';

const SCHEMA: AvroRecord = {
  type: 'record',
  name: 'sample',
  fields: [
    { name: 'i', type: 'int', 'field-id': 1 },
    { name: 'l', type: 'long', 'field-id': 2 },
    { name: 'd', type: 'double' },
    { name: 's', type: ['null', 'string'], default: null },
    { name: 'b', type: ['null', 'bytes'], default: null },
    { name: 'f', type: { type: 'fixed', name: 'four', size: 4 } },
    { name: 't', type: 'boolean' },
    { name: 'a', type: { type: 'array', items: 'long', 'element-id': 9 } },
    { name: 'm', type: { type: 'map', values: 'int' } },
    { name: 'date', type: ['null', { type: 'int', logicalType: 'date' }], default: null },
    { name: 'inner', type: { type: 'record', name: 'inner', fields: [{ name: 'x', type: 'string', 'field-id': 3 }] } },
  ],
};

const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const someBytes = (length: { minLength?: number; maxLength?: number }) =>
  fc.uint8Array(length).map((value) => Buffer.from(value));
const record = fc.record(
  {
    i: int,
    l: long,
    d: fc.double({ noNaN: true }),
    s: fc.option(fc.string({ unit: 'grapheme' })),
    b: fc.option(someBytes({ maxLength: 300 })),
    f: someBytes({ minLength: 4, maxLength: 4 }),
    t: fc.boolean(),
    a: fc.array(long),
    m: fc.dictionary(fc.string({ unit: 'grapheme' }), int).map((entries) => new Map(Object.entries(entries))),
    date: fc.option(int),
    inner: fc.record({ x: fc.string({ unit: 'grapheme' }) }, { noNullPrototype: true }),
  },
  { noNullPrototype: true },
);

describe('the Avro container', () => {
  it('gives back the records that were written, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        const file = decodeAvro(encodeAvro(SCHEMA, records, { 'format-version': '2' }));
        expect(file.records).toEqual(records);
        expect(file.metadata.get('format-version')).toBe('2');
      }),
      { numRuns: 60 },
    );
  });

  it('gives back more records than fit one block', () => {
    const schema: AvroRecord = { type: 'record', name: 'n', fields: [{ name: 'n', type: 'long' }] };
    const records = Array.from({ length: 9001 }, (_, i) => ({ n: BigInt(i) }));
    expect(decodeAvro(encodeAvro(schema, records)).records).toEqual(records);
  });

  it('writes longs as the Avro specification shows them', () => {
    const out = new AvroOutput();
    for (const value of [0n, -1n, 1n, -64n, 64n]) out.long(value);
    expect(out.done().toString('hex')).toBe('0001027f8001');
  });

  it('calls fields by the names we know their ids by', () => {
    const [decoded] = decodeAvro(
      encodeAvro({ type: 'record', name: 'n', fields: [{ name: 'old_name', type: 'int', 'field-id': 504 }] }, [
        { old_name: 3 },
      ]),
      (id) => (id === 504 ? 'added_files_count' : undefined),
    ).records;
    expect(decoded).toEqual({ added_files_count: 3 });
  });

  it('never gives records of bytes that were cut, and never hangs on damage', () => {
    const whole = encodeAvro(SCHEMA, fc.sample(record, 5));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        // A file that ends between two blocks is whole: whoever names the file knows its length.
        expect(recordsOf(whole.subarray(0, at))?.length ?? 0).toBe(0);
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        recordsOf(damaged);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses a list that claims more items than memory holds', () => {
    const schema: AvroRecord = {
      type: 'record',
      name: 'n',
      fields: [{ name: 'a', type: { type: 'array', items: 'null' } }],
    };
    const body = new AvroOutput();
    body.long(2n ** 60n);
    body.long(0n);
    expect(() => decodeAvro(container(schema, body.done(), 1n))).toThrow(RangeError);
    expect(() => decodeAvro(container(schema, Buffer.alloc(0), 2n ** 50n))).toThrow(RangeError);
  });

  it('refuses a value that is not of its type, and names its place', () => {
    const schema: AvroRecord = { type: 'record', name: 'n', fields: [{ name: 'a', type: 'long' }] };
    expect(() => encodeAvro(schema, [{ a: 1 }])).toThrow('.a');
    expect(() => new AvroOutput().int(2 ** 31)).toThrow(RangeError);
    expect(() => new AvroInput(Buffer.alloc(11, 0xff)).long()).toThrow(RangeError);
  });
});

/** undefined: refused. */
function recordsOf(bytes: Buffer): readonly unknown[] | undefined {
  try {
    return decodeAvro(bytes).records;
  } catch (error) {
    expect(error).toHaveProperty('message');
    return undefined;
  }
}

/** A container with a block of our own making. */
function container(schema: AvroRecord, body: Buffer, count: bigint): Buffer {
  const empty = encodeAvro(schema, []);
  const block = new AvroOutput();
  const deflated = deflateRawSync(body);
  block.long(count);
  block.bytes(deflated);
  return Buffer.concat([empty, block.done(), empty.subarray(-16)]);
}
