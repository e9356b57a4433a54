// A writer that lands the numbers 0, 1, 2, … of a few partitions in a table, and is killed at a point of a commit.
// Started by commit-kill.mjs:  commit-kill-writer.mjs DIST ROOT TARGET [POINT COMMITS]
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [dist, root, targetText, killAt, killAfterText] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const { commit, CommitStateUnknown, Fenced } = require(resolve(dist, 'libs/lakehouse/src/iceberg'));
const { DirectoryCatalog } = require(resolve(dist, 'libs/lakehouse/src/catalog/directory'));

const TABLE = 'bronze.numbers';
const PARTITIONS = 3;
const BATCH = 5;
const target = Number(targetText);
const killAfter = Number(killAfterText);
let commits = 0;

const reached = (point) => {
  if (point === killAt && commits >= killAfter) process.kill(process.pid, 'SIGKILL');
};
const catalog = await DirectoryCatalog.open({ root, reached });
let table = await catalog.createTable(TABLE, {
  schema: { type: 'struct', 'schema-id': 0, fields: [{ id: 1, name: 'number', required: false, type: 'long' }] },
  partitionFields: [],
  properties: {},
});
const offsetsOf = (metadata) => JSON.parse(metadata.properties['numbers.offsets'] ?? '{}');

for (;;) {
  const starts = offsetsOf(table.metadata);
  const batch = Array.from({ length: PARTITIONS }, (_, p) => {
    const from = starts[p] ?? 0;
    return { p, from, to: Math.min(from + BATCH, target) };
  }).filter(({ from, to }) => to > from);
  if (batch.length === 0) break;
  try {
    await land(batch);
    commits++;
  } catch (error) {
    // Another writer was faster, or nobody knows: the table says where to go on.
    if (!(error instanceof Fenced) && !(error instanceof CommitStateUnknown)) throw error;
  }
  table = await catalog.load(TABLE);
}

async function land(batch) {
  const path = `${table.metadata.location}/data/${randomUUID()}.parquet`;
  const rows = batch.flatMap(({ p, from, to }) => Array.from({ length: to - from }, (_, i) => `${p} ${from + i}`));
  const bytes = Buffer.from(rows.join('\n'));
  await catalog.storage.write(path, bytes);
  const none = new Map();
  const counts = { columnSizes: none, valueCounts: none, nullCounts: none, lowerBounds: none, upperBounds: none };
  const size = { recordCount: BigInt(rows.length), sizeBytes: BigInt(bytes.length) };
  const decide = (metadata) => {
    const offsets = offsetsOf(metadata);
    for (const { p, from } of batch)
      if ((offsets[p] ?? 0) !== from) throw new Fenced(`partition ${p} is at ${offsets[p]}`);
    const next = { ...offsets, ...Object.fromEntries(batch.map(({ p, to }) => [p, to])) };
    return {
      properties: { 'numbers.offsets': JSON.stringify(next) },
      summary: { 'numbers.offsets': JSON.stringify(next) },
    };
  };
  try {
    const file = { path, partition: {}, specId: 0, ...size, ...counts };
    await commit(catalog, TABLE, { operation: 'append', add: [file], decide }, { reached });
  } catch (error) {
    if (!(error instanceof CommitStateUnknown)) await catalog.storage.remove(path);
    throw error;
  }
}
