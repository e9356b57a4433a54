/**
 * Records of the log into bronze (JSON columns drawn, committed), beside DuckDB copying the same rows from memory.
 *   node test/bench/landing.bench.mjs [--dist dist] [--records 300000] [--batch 50000] [--dir DIR]
 * Prints JSON lines { bench, value, unit, limit, ratio }.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

const { values: args } = parseArgs({
  options: {
    dist: { type: 'string', default: 'dist' },
    smoke: { type: 'boolean', default: false },
    records: { type: 'string' },
    batch: { type: 'string', default: '50000' },
    threads: { type: 'string', default: '2' },
    dir: { type: 'string', default: tmpdir() },
  },
});
const require = createRequire(import.meta.url);
const { IcebergLakehouse } = require(resolve(args.dist, 'libs/lakehouse/src/iceberg-lakehouse/index.js'));
const { Duck, literal } = require(resolve(args.dist, 'libs/lakehouse/src/duckdb/index.js'));

const RECORDS = Number(args.records ?? (args.smoke ? 30_000 : 300_000));
const BATCH = Number(args.batch);
const THREADS = Number(args.threads);
const MEMORY_LIMIT_MB = 256;
const PARTITIONS = 4;
const TOPIC = 'conversation.events';
const LIMIT_ROWS_PER_S = 40_000;
const LIMIT_STALL_MS = 25;
const START_MS = Date.UTC(2026, 10, 16);

const print = (line) => console.log(JSON.stringify(line));

// Text that compresses like text: words by a steep frequency, from a fixed seed.
let seed = 7;
const random = () => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x7fffffff;
const WORDS = Array.from({ length: 8_000 }, () =>
  Math.floor(random() * 2 ** 31)
    .toString(36)
    .slice(0, 2 + Math.floor(random() * 7)),
);
const someText = (length) => {
  let text = '';
  while (text.length < length) text += `${WORDS[Math.floor(WORDS.length * random() ** 3)]} `;
  return text;
};

function recordOf(n) {
  const saidAt = new Date(START_MS + n * 10).toISOString();
  const value = {
    v: 1,
    type: 'turn',
    id: `evt-${n}`,
    uid: Math.floor(random() * 2 ** 52)
      .toString(16)
      .padStart(32, '0'),
    tenant: 'acme',
    source: 'chat-web',
    conversationId: `c-${Math.floor(n / 8)}`,
    seq: n % 8,
    role: n % 2 ? 'assistant' : 'user',
    text: someText(620),
    userId: `u-${n % 5_000}`,
    saidAt,
    acceptedAt: saidAt,
    ...(n % 2 && { model: { provider: 'maker', name: 'chat', version: '1' } }),
    surface: 'web',
    language: 'en',
  };
  const bytes = Buffer.from(JSON.stringify(value));
  const partition = n % PARTITIONS;
  return {
    partition,
    offset: Math.floor(n / PARTITIONS),
    key: `acme/c-${Math.floor(n / 8)}`,
    value: bytes,
    appendedAtMs: START_MS + n * 10,
  };
}

const dir = mkdtempSync(join(args.dir, 'landing-bench-'));
const records = Array.from({ length: RECORDS }, (_, n) => recordOf(n));
const bytesMean = Math.round(records.reduce((sum, { value }) => sum + value.length, 0) / RECORDS);

const lake = await IcebergLakehouse.open({ dir: join(dir, 'lake'), threads: THREADS, memoryLimitMb: MEMORY_LIMIT_MB });
const stalls = monitorEventLoopDelay({ resolution: 1 });
stalls.enable();
const startedMs = performance.now();
for (let from = 0; from < RECORDS; from += BATCH) await lake.land(TOPIC, 'bench', records.slice(from, from + BATCH));
const rowsPerSecond = RECORDS / ((performance.now() - startedMs) / 1000);
stalls.disable();

const counts = (await lake.counts()).bronze.find(({ topic }) => topic === TOPIC);
if (counts.rows !== RECORDS || counts.distinct !== RECORDS) throw new Error('not every record has landed once');
await lake.close();

// The bare engine: rows that are in a table of its own already, columns drawn, batches of the same size.
mkdirSync(join(dir, 'bare'));
const duck = await Duck.open({ threads: THREADS, memoryLimitMb: 2_048, tempDir: join(dir, 'bare') });
const barePerSecond = await duck.with(async (session) => {
  const files = `read_parquet(${literal(join(dir, 'lake/bronze/conversation_events/data/**/*.parquet'))}, hive_partitioning = false)`;
  await session.run('load', `CREATE TABLE rows AS SELECT *, row_number() OVER () AS n FROM ${files}`);
  const started = performance.now();
  for (let from = 0; from < RECORDS; from += BATCH) {
    const part = `SELECT * EXCLUDE (n) FROM rows WHERE n > ${from} AND n <= ${from + BATCH}`;
    await session.run(
      'copy',
      `COPY (${part}) TO ${literal(join(dir, 'bare', `${from}.parquet`))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)`,
    );
  }
  return RECORDS / ((performance.now() - started) / 1000);
});
duck.close();
rmSync(dir, { recursive: true, force: true });

print({
  bench: 'landing',
  value: Math.round(rowsPerSecond),
  unit: `rows of ${bytesMean} bytes/s`,
  limit: LIMIT_ROWS_PER_S,
  ratio: Math.round((rowsPerSecond / barePerSecond) * 100) / 100,
});
print({ bench: 'landing-bare-copy', value: Math.round(barePerSecond), unit: 'rows/s' });
print({
  bench: 'landing-stall-p99',
  value: Math.round(stalls.percentile(99) / 1e5) / 10,
  unit: 'ms',
  limit: LIMIT_STALL_MS,
});
print({ bench: 'landing-stall-max', value: Math.round(stalls.max / 1e5) / 10, unit: 'ms' });
print({
  bench: 'landing-memory',
  value: Math.round(process.memoryUsage().rss / 1_048_576),
  unit: 'MiB with the records',
});
