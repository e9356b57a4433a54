import type { AvroInput, AvroOutput } from './binary';
import type { AvroComplex, AvroField, AvroPrimitive, AvroRecord, AvroType, AvroUnion, AvroValue } from './schema';

type Write = (out: AvroOutput, value: AvroValue | undefined) => void;
type Read = (input: AvroInput) => AvroValue;

/** What a field is called here, by its Iceberg id; writers differ in the names they give. undefined: as written. */
export type FieldName = (fieldId: number) => string | undefined;

/** Types nest so deep at most; a schema that refers to itself ends here. */
const DEPTH_MAX = 32;
/** Items of one array or map, so that a damaged count cannot fill the memory. */
const ITEMS_MAX = 5_000_000;

/** A function that writes values of the type. Unions are of null and one other type. */
export function writerOf(type: AvroType, path = ''): Write {
  if (typeof type === 'string') return writePrimitive(type, path);
  if (isUnion(type)) return writeOptional(type, path);
  switch (type.type) {
    case 'record':
      return writeRecord(type, path);
    case 'array': {
      const item = writerOf(type.items, `${path}[]`);
      return (out, value) => {
        const items = Array.isArray(value) ? (value as readonly AvroValue[]) : mistyped(path, 'a list');
        writeBlock(out, items, item);
      };
    }
    case 'map': {
      const item = writerOf(type.values, `${path}{}`);
      return (out, value) => {
        const entries = value instanceof Map ? [...(value as ReadonlyMap<string, AvroValue>)] : mistyped(path, 'a map');
        writeBlock(out, entries, (to, [key, inside]) => {
          to.bytes(Buffer.from(key, 'utf8'));
          item(to, inside);
        });
      };
    }
    case 'fixed':
      return (out, value) => {
        if (!(value instanceof Uint8Array) || value.length !== type.size) return mistyped(path, `${type.size} bytes`);
        out.raw(value);
      };
    default:
      return writePrimitive(type.type, path);
  }
}

function writePrimitive(type: AvroPrimitive, path: string): Write {
  switch (type) {
    case 'null':
      return (_out, value) => (value === null ? undefined : mistyped(path, type));
    case 'boolean':
      return (out, value) => (typeof value === 'boolean' ? out.boolean(value) : mistyped(path, type));
    case 'int':
      return (out, value) => (typeof value === 'number' ? out.int(value) : mistyped(path, type));
    case 'long':
      return (out, value) => (typeof value === 'bigint' ? out.long(value) : mistyped(path, type));
    case 'float':
      return (out, value) => (typeof value === 'number' ? out.float(value) : mistyped(path, type));
    case 'double':
      return (out, value) => (typeof value === 'number' ? out.double(value) : mistyped(path, type));
    case 'string':
      return (out, value) => (typeof value === 'string' ? out.bytes(Buffer.from(value, 'utf8')) : mistyped(path, type));
    case 'bytes':
      return (out, value) => (value instanceof Uint8Array ? out.bytes(value) : mistyped(path, type));
    default:
      throw new TypeError(`no Avro type: ${JSON.stringify(type satisfies never)}`);
  }
}

function writeOptional(union: AvroUnion, path: string): Write {
  const nullAt = union.indexOf('null');
  const other = union.find((branch) => branch !== 'null');
  if (union.length !== 2 || nullAt < 0 || other === undefined)
    throw new TypeError(`${path} is no union of null and a type`);
  const write = writerOf(other, path);
  return (out, value) => {
    if (value === undefined || value === null) return out.int(nullAt);
    out.int(1 - nullAt);
    write(out, value);
  };
}

function writeRecord(record: AvroRecord, path: string): Write {
  const fields = record.fields.map(({ name, type }) => ({ name, write: writerOf(type, `${path}.${name}`) }));
  return (out, value) => {
    if (!isObject(value)) return mistyped(path, 'a record');
    for (const { name, write } of fields) write(out, value[name]);
  };
}

function writeBlock<T>(out: AvroOutput, items: readonly T[], write: (out: AvroOutput, item: T) => void): void {
  if (items.length > 0) {
    out.long(BigInt(items.length));
    for (const item of items) write(out, item);
  }
  out.long(0n);
}

/** A function that reads values of the type, as it was written. */
export function readerOf(type: AvroType, fieldName: FieldName = () => undefined): Read {
  return new ReaderMaker(fieldName).of(type, 0);
}

class ReaderMaker {
  private readonly byName = new Map<string, AvroComplex>();

  constructor(private readonly fieldName: FieldName) {}

  of(type: AvroType, depth: number): Read {
    if (depth > DEPTH_MAX) throw new RangeError(`an Avro schema deeper than ${DEPTH_MAX}`);
    if (typeof type === 'string') return this.ofName(type, depth);
    if (isUnion(type)) return this.ofUnion(type, depth);
    switch (type.type) {
      case 'record':
        return this.ofRecord(type, depth);
      case 'array': {
        const item = this.of(type.items, depth + 1);
        return (input) => {
          const items: AvroValue[] = [];
          readBlocks(input, () => items.push(item(input)));
          return items;
        };
      }
      case 'map': {
        const item = this.of(type.values, depth + 1);
        return (input) => {
          const entries = new Map<string, AvroValue>();
          readBlocks(input, () => entries.set(input.bytes().toString('utf8'), item(input)));
          return entries;
        };
      }
      case 'fixed':
        this.byName.set(type.name, type);
        return (input) => Buffer.from(input.raw(type.size));
      default:
        return this.ofName(type.type, depth);
    }
  }

  private ofName(name: AvroPrimitive, depth: number): Read {
    switch (name) {
      case 'null':
        return () => null;
      case 'boolean':
        return (input) => input.boolean();
      case 'int':
        return (input) => input.int();
      case 'long':
        return (input) => input.long();
      case 'float':
        return (input) => input.float();
      case 'double':
        return (input) => input.double();
      case 'string':
        return (input) => input.bytes().toString('utf8');
      case 'bytes':
        return (input) => Buffer.from(input.bytes());
      default: {
        const known = this.byName.get(name satisfies never);
        if (known === undefined) throw new TypeError(`no Avro type: ${JSON.stringify(name)}`);
        return this.of(known, depth + 1);
      }
    }
  }

  private ofUnion(union: AvroUnion, depth: number): Read {
    const branches = union.map((branch) => this.of(branch, depth + 1));
    return (input) => {
      const at = input.int();
      const read = branches[at];
      if (read === undefined) throw new RangeError(`an Avro union has no branch ${at}`);
      return read(input);
    };
  }

  private ofRecord(record: AvroRecord, depth: number): Read {
    this.byName.set(record.name, record);
    const fields = record.fields.map((field) => ({ name: this.nameOf(field), read: this.of(field.type, depth + 1) }));
    return (input) => {
      const object: Record<string, AvroValue> = {};
      for (const { name, read } of fields) object[name] = read(input);
      return object;
    };
  }

  private nameOf(field: AvroField): string {
    const id = field['field-id'];
    return (id === undefined ? undefined : this.fieldName(id)) ?? field.name;
  }
}

/** Blocks of items up to an empty one; a negative count is followed by the block's length in bytes. */
function readBlocks(input: AvroInput, readItem: () => void): void {
  let total = 0;
  for (;;) {
    const written = input.long();
    if (written === 0n) return;
    if (written < 0n) input.long();
    const count = written < 0n ? -written : written;
    if (count > BigInt(ITEMS_MAX - total)) throw new RangeError(`an Avro list of more than ${ITEMS_MAX} items`);
    total += Number(count);
    for (let i = 0n; i < count; i++) readItem();
  }
}

function isUnion(type: AvroUnion | AvroComplex): type is AvroUnion {
  return Array.isArray(type);
}

function isObject(value: AvroValue | undefined): value is { readonly [field: string]: AvroValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function mistyped(path: string, wanted: string): never {
  throw new TypeError(`the Avro value at ${path || 'the top'} is not ${wanted}`);
}
