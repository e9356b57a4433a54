/**
 * Gold and the report's facts of one week over a silver of 1 M and of 10 M synthetic turns, written straight by SQL:
 * 1.2 M conversations (10 M), 4 models, 3 surfaces, 5 languages, 2 % alerts, ratings of 0.5 % of the turns.
 *   node test/bench/weekly-report.bench.mjs [--dist dist] [--turns 1000000,10000000] [--dir DIR]
 * Prints JSON lines { bench, value, unit, limit, ratio }.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: args } = parseArgs({
  options: {
    dist: { type: 'string', default: 'dist' },
    smoke: { type: 'boolean', default: false },
    turns: { type: 'string' },
    threads: { type: 'string', default: '2' },
    dir: { type: 'string', default: tmpdir() },
  },
});
const require = createRequire(import.meta.url);
const lib = (path) => require(resolve(args.dist, 'libs/lakehouse/src', path));
const { IcebergLakehouse } = lib('iceberg-lakehouse/index.js');
const { writeRows } = lib('iceberg-lakehouse/write.js');
const { DirectoryCatalog } = lib('catalog/directory/index.js');
const { Duck } = lib('duckdb/index.js');
const { commit } = lib('iceberg/index.js');
const { SILVER_EVALUATIONS, SILVER_TURNS } = lib('tables/index.js');

const WEEK = '2026-W47';
const MONDAY = '2026-11-16';
const THREADS = Number(args.threads);
const MEMORY_LIMIT_MB = 256;
const TURNS_IN_CONVERSATION = 8;
const LIMIT_SECONDS = 30;
const LIMIT_MIB = 1_024;
const CATEGORIES = ['sexual', 'hate', 'harassment', 'self_harm', 'violence', 'illicit', 'jailbreak', 'unsafe'];

const print = (line) => console.log(JSON.stringify(line));

const turnsSql = (count, day) => `
  SELECT 'evt-' || i AS event_id, md5(i::VARCHAR) AS event_uid, ('0x' || substr(md5(i::VARCHAR), 1, 15))::BIGINT AS event_hash,
    'acme' AS tenant, 'web' AS source, 'c-' || c AS conversation_id, 'acme/c-' || c AS conversation_key,
    i % ${TURNS_IN_CONVERSATION} AS seq, CASE WHEN i % 2 = 1 THEN 'assistant' ELSE 'user' END AS role,
    240::INTEGER AS text_length, repeat(md5(i::VARCHAR), 7) AS "text", 'u-' || (c % 50000) AS user_id, said_at,
    said_at AS accepted_at, NULL::VARCHAR AS in_reply_to,
    CASE WHEN i % 2 = 1 THEN 'maker' END AS model_provider, CASE WHEN i % 2 = 1 THEN 'chat' END AS model_name,
    CASE WHEN i % 2 = 1 THEN 'v' || (c % 4) END AS model_version,
    ['web', 'ios', 'android'][1 + c % 3] AS surface, ['en', 'de', 'fr', 'ko', 'es'][1 + c % 5] AS "language",
    said_at AS appended_at, (c % 4)::INTEGER AS log_partition, i AS log_offset, md5('v' || i) AS verdict_id,
    CASE WHEN i % 1000 = 0 THEN 'unclassified' ELSE 'scored' END AS outcome, i % 50 = 0 AS flagged,
    ${CATEGORIES.map((category, n) => `(((i * ${n + 3}) % 997) / 997.0)::DOUBLE AS score_${category}`).join(', ')},
    'sha' AS model_sha256, 'hash' AS policy_hash, said_at AS judged_at,
    CASE WHEN i % 50 = 0 THEN md5('a' || i) END AS alert_id,
    CASE WHEN i % 50 = 0 THEN ['violence', 'hate', 'jailbreak'][1 + i % 3] END AS category,
    CASE WHEN i % 50 = 0 THEN 'high' END AS severity, CASE WHEN i % 50 = 0 THEN said_at END AS alerted_at,
    CASE WHEN i % 100 = 0 THEN said_at END AS applied_at, (i % 100 = 0)::INTEGER AS actions, 0::INTEGER AS undone,
    CASE WHEN i % 100 = 0 THEN (20 + i % 70)::DOUBLE END AS time_to_action_ms,
    0::INTEGER AS thumbs_up, 0::INTEGER AS thumbs_down, NULL::DOUBLE AS rating, 0::INTEGER AS reports,
    NULL::VARCHAR AS action_list, NULL::VARCHAR AS feedback_list
  FROM (SELECT i, i // ${TURNS_IN_CONVERSATION} AS c,
      TIMESTAMPTZ '${MONDAY} 00:00:00+00' + to_days(${day}) + to_milliseconds((i * 7919) % 86400000) AS said_at
    FROM range(${Math.floor((count * day) / 7)}, ${Math.floor((count * (day + 1)) / 7)}) r(i))`;

const evaluationsSql = (count) => `
  SELECT 'ev-' || i AS evaluation_id, md5('ev' || i) AS evaluation_uid, 'acme' AS tenant, 'raters' AS source,
    CASE WHEN i % 3 < 2 THEN 'evt-' || i END AS turn_id, 'c-' || (i // ${TURNS_IN_CONVERSATION}) AS conversation_id,
    'acme/c-' || (i // ${TURNS_IN_CONVERSATION}) AS conversation_key, 'r-' || (i % 5) AS rater_id,
    ['accuracy', 'hallucination', 'satisfaction'][1 + i % 3] AS question,
    CASE WHEN i % 3 < 2 THEN i % 7 = 0 END AS value_boolean, CASE WHEN i % 3 = 2 THEN (1 + i % 5)::DOUBLE END AS value_number,
    NULL::VARCHAR AS value_text, TIMESTAMPTZ '${MONDAY} 12:00:00+00' AS rated_at,
    TIMESTAMPTZ '${MONDAY} 12:00:00+00' AS accepted_at, TIMESTAMPTZ '${MONDAY} 12:00:00+00' AS appended_at,
    0::INTEGER AS log_partition, i AS log_offset
  FROM range(0, ${count}, 200) r(i)`;

async function fill(dir, count) {
  const catalog = await DirectoryCatalog.open({ root: dir });
  const duck = await Duck.open({ threads: THREADS, memoryLimitMb: 1_024, tempDir: join(dir, '.spill') });
  const put = async (definition, selects, properties) => {
    const table = await catalog.load(definition.id);
    const add = [];
    await duck.with(async (session) => {
      for (const select of selects)
        add.push(...(await writeRows({ catalog, duck }, session, { definition, table, select })));
    });
    await commit(catalog, definition.id, { operation: 'append', add, decide: () => ({ properties }) });
  };
  const open = { 'watchkeeper.open-weeks': JSON.stringify({ [WEEK]: { acme: 1 } }) };
  await put(
    SILVER_TURNS,
    Array.from({ length: 7 }, (_, day) => turnsSql(count, day)),
    open,
  );
  await put(SILVER_EVALUATIONS, [evaluationsSql(count)], {});
  duck.close();
}

const highWaterMib = () =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1_024);

async function measure(count) {
  const dir = mkdtempSync(join(args.dir, 'weekly-report-bench-'));
  const first = await IcebergLakehouse.open({ dir });
  await first.close();
  await fill(dir, count);
  const lake = await IcebergLakehouse.open({ dir, threads: THREADS, memoryLimitMb: MEMORY_LIMIT_MB });
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
  const startedMs = performance.now();
  await lake.refresh();
  const goldMs = performance.now() - startedMs;
  const facts = await lake.weekFacts('acme', WEEK);
  const tookMs = performance.now() - startedMs;
  clearInterval(watch);
  if (facts?.all.metrics.turns.value !== count || facts.goldTurns !== count)
    throw new Error('the facts are not of all turns');
  await lake.close();
  rmSync(dir, { recursive: true, force: true });
  const seconds = (ms) => Math.round(ms / 100) / 10;
  print({ bench: `weekly-report-${count}`, value: seconds(tookMs), unit: 's', limit: LIMIT_SECONDS });
  print({ bench: `weekly-report-${count}-gold`, value: seconds(goldMs), unit: 's' });
  print({ bench: `weekly-report-${count}-facts`, value: Math.round(tookMs - goldMs), unit: 'ms' });
  print({
    bench: `weekly-report-${count}-memory`,
    value: Math.round(peak / 1_048_576),
    unit: 'MiB at the peak',
    limit: LIMIT_MIB,
  });
}

for (const count of (args.turns ?? (args.smoke ? '100000' : '1000000,10000000')).split(','))
  await measure(Number(count));
print({ bench: 'weekly-report-high-water', value: highWaterMib(), unit: 'MiB with the filling' });
