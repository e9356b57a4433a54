const START_BYTES = 4096;

/** Bytes that grow as they are written. */
export class AvroOutput {
  private buffer = Buffer.allocUnsafe(START_BYTES);
  private length = 0;

  int(value: number): void {
    if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 31)
      throw new RangeError(`${value} is no Avro int`);
    this.varint(BigInt(value));
  }

  long(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} is no Avro long`);
    this.varint(value);
  }

  boolean(value: boolean): void {
    this.raw(Uint8Array.of(value ? 1 : 0));
  }

  float(value: number): void {
    this.need(4);
    this.length = this.buffer.writeFloatLE(value, this.length);
  }

  double(value: number): void {
    this.need(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  bytes(value: Uint8Array): void {
    this.long(BigInt(value.length));
    this.raw(value);
  }

  raw(value: Uint8Array): void {
    this.need(value.length);
    this.buffer.set(value, this.length);
    this.length += value.length;
  }

  /** What was written so far; a view, so the last thing to ask for. */
  done(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Zigzag, then seven bits a byte, lowest first. */
  private varint(value: bigint): void {
    this.need(10);
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    while (rest > 0x7fn) {
      this.buffer[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buffer[this.length++] = Number(rest);
  }

  private need(bytes: number): void {
    const wanted = this.length + bytes;
    if (wanted <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, wanted));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}

/** A place in bytes; reading past their end throws RangeError, whatever lengths they claim. */
export class AvroInput {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  get isAtEnd(): boolean {
    return this.at === this.buffer.length;
  }

  get bytesLeft(): number {
    return this.buffer.length - this.at;
  }

  int(): number {
    const value = this.long();
    if (BigInt.asIntN(32, value) !== value) throw new RangeError(`${value} is no Avro int`);
    return Number(value);
  }

  long(): bigint {
    // Up to 28 bits in a number, which nearly all are; the rest as bigint.
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt((low >>> 1) ^ -(low & 1));
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new RangeError('an Avro long of more than ten bytes');
  }

  boolean(): boolean {
    const byte = this.byte();
    if (byte > 1) throw new RangeError(`${byte} is no Avro boolean`);
    return byte === 1;
  }

  float(): number {
    return this.raw(4).readFloatLE(0);
  }

  double(): number {
    return this.raw(8).readDoubleLE(0);
  }

  /** A view of the bytes read. */
  bytes(): Buffer {
    return this.raw(this.length());
  }

  /** A count or length that can be held in memory. */
  length(): number {
    const length = this.long();
    if (length < 0n || length > BigInt(this.buffer.length)) throw new RangeError(`an Avro length of ${length}`);
    return Number(length);
  }

  raw(length: number): Buffer {
    if (length > this.bytesLeft) throw new RangeError('Avro bytes end too early');
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }

  private byte(): number {
    const byte = this.buffer[this.at++];
    if (byte === undefined) throw new RangeError('Avro bytes end too early');
    return byte;
  }
}
