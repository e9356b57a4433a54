// Makes a lake for readers that are not ours, with everything our commit layer does: partitions, lists and maps,
// appends, replacement and removal of files, a renamed and an added column, merged manifests, expired snapshots.
//   node test/readers/make-lake.mjs LAKE_DIR [DIST]
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const [lakeDir, dist = 'dist'] = process.argv.slice(2);
if (!lakeDir) throw new Error('usage: make-lake.mjs LAKE_DIR [DIST]');
const root = resolve(lakeDir);
const require = createRequire(import.meta.url);
const iceberg = require(resolve(dist, 'libs/lakehouse/src/iceberg'));
const { DirectoryCatalog } = require(resolve(dist, 'libs/lakehouse/src/catalog/directory'));

const TURNS = 'silver.made_turns';
const PLAIN = 'bronze.made_plain';
const FIELDS = [
  { id: 1, name: 'event_id', type: 'string' },
  { id: 2, name: 'said_at', type: 'timestamptz' },
  { id: 3, name: 'tenant', type: 'string' },
  { id: 4, name: 'seq', type: 'int' },
  { id: 5, name: 'tokens', type: 'long' },
  { id: 6, name: 'score', type: 'double' },
  { id: 7, name: 'flagged', type: 'boolean' },
  { id: 8, name: 'day', type: 'date' },
  { id: 9, name: 'text', type: 'string' },
  { id: 10, name: 'tags', type: { type: 'list', 'element-id': 11, element: 'string', 'element-required': false } },
  {
    id: 12,
    name: 'attributes',
    type: { type: 'map', 'key-id': 13, key: 'string', 'value-id': 14, value: 'string', 'value-required': false },
  },
].map((field) => ({ ...field, required: false }));

const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const duck = await instance.connect();
await duck.run("SET TimeZone = 'UTC'");
const catalog = await DirectoryCatalog.open({ root });
await catalog.createTable(TURNS, {
  schema: { type: 'struct', 'schema-id': 0, fields: FIELDS },
  partitionFields: [
    { 'field-id': 1000, 'source-id': 2, name: 'said_day', transform: 'day' },
    { 'field-id': 1001, 'source-id': 3, name: 'tenant', transform: 'identity' },
  ],
  properties: { 'write.metadata.metrics.column.text': 'none', 'commit.manifest.min-count-to-merge': '6' },
});
await catalog.createTable(PLAIN, {
  schema: { type: 'struct', 'schema-id': 0, fields: FIELDS.slice(0, 5) },
  partitionFields: [],
  properties: {},
});

let next = 0;
for (let i = 0; i < 9; i++) await append(TURNS, 100);
await replaceOneFile(TURNS, 'replace', '*');
await iceberg.evolveSchema(catalog, TURNS, (schema, nextId) => ({
  ...schema,
  fields: [
    ...schema.fields.map((field) => (field.name === 'tokens' ? { ...field, name: 'token_count' } : field)),
    { id: nextId(), name: 'language', required: false, type: 'string' },
  ],
}));
for (let i = 0; i < 4; i++) await append(TURNS, 50);
await replaceOneFile(TURNS, 'overwrite', '* REPLACE (seq + 1000000 AS seq)');
await remove(TURNS);
await iceberg.expireSnapshots(catalog, TURNS, { olderThanMs: -60_000, keepMin: 4 });
await iceberg.removeOrphans(catalog, TURNS, { olderThanMs: -60_000 });
for (let i = 0; i < 3; i++) await append(PLAIN, 1000);
duck.closeSync();
instance.closeSync();

async function append(id, rows) {
  const { metadata } = await catalog.load(id);
  const from = next;
  next += rows;
  const values = {
    event_id: "'evt-' || i",
    said_at: "TIMESTAMPTZ '2026-11-20 22:00:00.123456+00' + INTERVAL (i * 7) MINUTE",
    tenant: "CASE WHEN i % 11 = 0 THEN NULL ELSE 'tenant-' || (i % 2) END",
    seq: '(i % 13)::INTEGER',
    tokens: 'i * 3000000000',
    token_count: 'i * 3000000000',
    score: "CASE WHEN i % 17 = 0 THEN 'nan'::DOUBLE ELSE i / 7.0 END",
    flagged: 'i % 5 = 0',
    day: "DATE '2026-11-20' + (i % 9)::INTEGER",
    text: "repeat('안녕 😀 ', 9) || i",
    tags: "CASE WHEN i % 3 = 0 THEN NULL ELSE ['a', 'b' || i] END",
    attributes: "MAP {'surface': 'web', 'i': i::VARCHAR}",
    language: "CASE WHEN i % 2 = 0 THEN 'ko' END",
  };
  const columns = iceberg.currentSchema(metadata).fields.map(({ name }) => `${values[name]} AS "${name}"`);
  const add = await write(metadata, `SELECT ${columns} FROM range(${from}, ${from + rows}) t(i)`);
  await iceberg.commit(catalog, id, {
    operation: 'append',
    add,
    decide: () => ({ properties: { next: String(next) } }),
  });
}

async function replaceOneFile(id, operation, columns) {
  const table = await catalog.load(id);
  const [file] = await iceberg.liveFiles(catalog.storage, table);
  const add = await write(table.metadata, `SELECT ${columns} FROM ${rowsOf(table.metadata, file)}`);
  await iceberg.commit(catalog, id, { operation, add, remove: [file.path] });
}

async function remove(id) {
  const file = (await iceberg.liveFiles(catalog.storage, await catalog.load(id))).at(-1);
  await iceberg.commit(catalog, id, { operation: 'delete', add: [], remove: [file.path] });
}

/** By field ids, so that a file from before a change of the schema has the columns of today. */
function rowsOf(metadata, file) {
  const columns = iceberg
    .currentSchema(metadata)
    .fields.map(({ id, name, type }) => `${id}: {name: '${name}', type: '${duckType(type)}', default_value: NULL}`);
  return `read_parquet(['${file.path}'], hive_partitioning = false, schema = MAP {${columns}})`;
}

async function write(metadata, select) {
  const schema = iceberg.currentSchema(metadata);
  const spec = iceberg.specOf(metadata, metadata['default-spec-id']);
  const isPartitioned = spec.fields.length > 0;
  const folder = join(metadata.location, 'data', randomUUID());
  await mkdir(isPartitioned ? folder : join(metadata.location, 'data'), { recursive: true });
  const ids = schema.fields.map(({ id, name, type }) => `"${name}": ${duckId(id, type)}`);
  const partition = isPartitioned
    ? ", PARTITION_BY (__day, __tenant), WRITE_PARTITION_COLUMNS false, FILENAME_PATTERN '{uuid}'"
    : '';
  const reader = await duck.runAndReadAll(
    `COPY (SELECT *${isPartitioned ? ', said_at::DATE AS __day, tenant AS __tenant' : ''} FROM (${select}))
     TO '${isPartitioned ? folder : `${folder}.parquet`}'
     (FORMAT parquet, COMPRESSION zstd, FIELD_IDS {${ids}}, RETURN_STATS${partition})`,
  );
  return reader.getRowObjectsJson().map((row) => {
    const [day, tenant] = (row.partition_keys ?? []).map((pair) => pair.value);
    const values = isPartitioned
      ? { said_day: iceberg.daysSinceEpoch(day), tenant: tenant === undefined || tenant === 'NULL' ? null : tenant }
      : {};
    return iceberg.dataFileFromDuckStats(schema, spec, row, values, { properties: metadata.properties });
  });
}

function duckId(id, type) {
  if (typeof type === 'string') return String(id);
  return type.type === 'list'
    ? `{__duckdb_field_id: ${id}, element: ${type['element-id']}}`
    : `{__duckdb_field_id: ${id}, key: ${type['key-id']}, value: ${type['value-id']}}`;
}

function duckType(type) {
  if (type.type === 'list') return `${duckType(type.element)}[]`;
  if (type.type === 'map') return `MAP(${duckType(type.key)}, ${duckType(type.value)})`;
  return { string: 'VARCHAR', int: 'INTEGER', long: 'BIGINT' }[type] ?? type.toUpperCase();
}
