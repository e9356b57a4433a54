import type { PartitionSpec, PrimitiveType } from '../iceberg/types';

/** A column as we define it. Ids count from 1 in the order of definition; an older table keeps its own. */
export interface Column {
  readonly name: string;
  readonly type: PrimitiveType;
  readonly doc?: string;
  /** false for what people wrote: a bound would copy its first characters into the manifests. */
  readonly bounds?: boolean;
}

/** What a table is to be: created like this when missing, given the missing columns when older. */
export interface TableDefinition {
  /** `namespace.table` */
  readonly id: string;
  readonly doc: string;
  readonly columns: readonly Column[];
  readonly partition?: { readonly column: string; readonly transform: 'identity' | 'day' };
  /** Rows of a row group: bounds the memory of a writer, which holds one group per open file. */
  readonly rowGroupRows: number;
}

export const partitionFieldName = (partition: { column: string; transform: 'identity' | 'day' }): string =>
  partition.transform === 'day' ? `${partition.column}_day` : partition.column;

/** The Iceberg fields of a new table. */
export function fieldsOf(definition: TableDefinition) {
  return definition.columns.map(({ name, type, doc }, index) => ({
    id: index + 1,
    name,
    required: false,
    type,
    ...(doc !== undefined && { doc }),
  }));
}

/** The partition fields of a new table; Iceberg numbers them from 1000. */
export function partitionFieldsOf(definition: TableDefinition): PartitionSpec['fields'] {
  const { partition } = definition;
  if (!partition) return [];
  const index = definition.columns.findIndex((column) => column.name === partition.column);
  return [
    { 'field-id': 1000, 'source-id': index + 1, name: partitionFieldName(partition), transform: partition.transform },
  ];
}

/** Table properties: other engines that write here keep the same columns out of the manifests. */
export function propertiesOf(definition: TableDefinition): Record<string, string> {
  const unbounded = definition.columns.filter((column) => column.bounds === false);
  return {
    'write.format.default': 'parquet',
    'write.parquet.compression-codec': 'zstd',
    comment: definition.doc,
    ...Object.fromEntries(unbounded.map(({ name }) => [`write.metadata.metrics.column.${name}`, 'counts'])),
  };
}
