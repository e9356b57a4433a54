import type { Field, FieldType, PrimitiveType } from './types';

/** A column that holds values: a plain field, or the inside of a list or a map. */
export interface Leaf {
  readonly id: number;
  readonly type: PrimitiveType;
  /** Names from the field inwards: ['tags', 'element'], ['attributes', 'key']. */
  readonly path: readonly string[];
  /** Inside a list or a map; such columns have no bounds. */
  readonly nested: boolean;
}

export function leavesOf(fields: readonly Field[]): Leaf[] {
  return fields.flatMap(({ id, name, type }): Leaf[] => {
    if (typeof type === 'string') return [{ id, type, path: [name], nested: false }];
    if (type.type === 'list') {
      return [{ id: type['element-id'], type: type.element, path: [name, 'element'], nested: true }];
    }
    return [
      { id: type['key-id'], type: type.key, path: [name, 'key'], nested: true },
      { id: type['value-id'], type: type.value, path: [name, 'value'], nested: true },
    ];
  });
}

export function fieldIdsOf(field: Field): number[] {
  return [field.id, ...idsWithin(field.type)];
}

/** 0 when there are no fields. */
export function highestFieldId(fields: readonly Field[]): number {
  return Math.max(0, ...fields.flatMap(fieldIdsOf));
}

function idsWithin(type: FieldType): number[] {
  if (typeof type === 'string') return [];
  return type.type === 'list' ? [type['element-id']] : [type['key-id'], type['value-id']];
}
