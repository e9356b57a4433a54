/** The part of Avro that Iceberg's manifests use. Attributes such as `field-id` ride along. */
export type AvroType = AvroPrimitive | AvroUnion | AvroComplex;
export type AvroPrimitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes';
export type AvroUnion = readonly AvroType[];
export type AvroComplex = AvroRecord | AvroArray | AvroMap | AvroFixed | AvroAnnotated;

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly default?: null;
  readonly 'field-id'?: number;
}

export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly fields: readonly AvroField[];
}

export interface AvroArray {
  readonly type: 'array';
  readonly items: AvroType;
  readonly logicalType?: 'map';
  readonly 'element-id'?: number;
}

export interface AvroMap {
  readonly type: 'map';
  readonly values: AvroType;
}

export interface AvroFixed {
  readonly type: 'fixed';
  readonly name: string;
  readonly size: number;
  readonly logicalType?: string;
}

/** A primitive with attributes: `{ type: 'int', logicalType: 'date' }`. */
export interface AvroAnnotated {
  readonly type: AvroPrimitive;
  readonly logicalType?: string;
  readonly 'adjust-to-utc'?: boolean;
}

/** int is a number, long a bigint, bytes and fixed a Uint8Array, map a Map. */
export type AvroValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly AvroValue[]
  | ReadonlyMap<string, AvroValue>
  | AvroObject;

export interface AvroObject {
  readonly [field: string]: AvroValue;
}
