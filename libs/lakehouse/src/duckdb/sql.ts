import type { Field, FieldType } from '../iceberg/types';

/** A string as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as an SQL identifier; quoted always, since `partition`, `offset`, `key` and `week` are keywords. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const columnList = (names: readonly string[], of?: string): string =>
  names.map((name) => (of === undefined ? identifier(name) : `${of}.${identifier(name)}`)).join(', ');

/** DuckDB's name of an Iceberg type. */
export function sqlType(type: FieldType): string {
  switch (type) {
    case 'boolean':
      return 'BOOLEAN';
    case 'int':
      return 'INTEGER';
    case 'long':
      return 'BIGINT';
    case 'float':
      return 'FLOAT';
    case 'double':
      return 'DOUBLE';
    case 'date':
      return 'DATE';
    case 'timestamptz':
      return 'TIMESTAMP WITH TIME ZONE';
    case 'string':
      return 'VARCHAR';
    case 'binary':
      return 'BLOB';
    default:
      throw new TypeError(`no column of the lake has the type ${type.type}`);
  }
}

/** A file name is a pattern to DuckDB: its special characters stand for themselves inside brackets. */
const fileLiteral = (path: string): string => literal(path.replaceAll(/[*?[]/g, '[$&]'));

/**
 * The rows of parquet files, by field id: files written before a rename or an addition read rightly.
 * Folders that look like `name=value` are no columns. `withFile` adds the column `filename`.
 */
export function rowsOf(files: readonly string[], fields: readonly Field[], withFile = false): string {
  if (files.length === 0) return noRows(fields, withFile);
  const schema = fields.map(
    ({ id, name, type }) => `${id}: {name: ${literal(name)}, type: ${literal(sqlType(type))}, default_value: NULL}`,
  );
  return `(SELECT ${columnList(fields.map((field) => field.name))}${withFile ? ', filename' : ''}
    FROM read_parquet([${files.map(fileLiteral).join(', ')}],
      schema = MAP {${schema.join(', ')}}, hive_partitioning = false${withFile ? ', filename = true' : ''}))`;
}

/** No rows, but all columns: a table without files. */
function noRows(fields: readonly Field[], withFile: boolean): string {
  const columns = fields.map(({ name, type }) => `NULL::${sqlType(type)} AS ${identifier(name)}`);
  return `(SELECT ${columns.join(', ')}${withFile ? ', NULL::VARCHAR AS filename' : ''} WHERE false)`;
}

/** COPY's FIELD_IDS: without them an Iceberg reader refuses the file. */
export const fieldIds = (fields: readonly Field[]): string =>
  `{${fields.map(({ id, name }) => `${identifier(name)}: ${id}`).join(', ')}}`;
