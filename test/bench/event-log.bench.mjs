/**
 * Durable appends of 20 x 1 kB with ids, 32 in flight, beside bare lmdb doing the same puts with the same group commit.
 *   node test/bench/event-log.bench.mjs [--dist dist] [--records 200000] [--dir DIR]
 * Prints JSON lines { bench, value, unit, limit, ratio }.
 */
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: args } = parseArgs({
  options: {
    dist: { type: 'string', default: 'dist' },
    smoke: { type: 'boolean', default: false },
    records: { type: 'string' },
    dir: { type: 'string', default: tmpdir() },
  },
});
const require = createRequire(import.meta.url);
const { LmdbEventLog } = require(resolve(args.dist, 'libs/event-log/src/lmdb/index.js'));
const { partitionOf } = require(resolve(args.dist, 'libs/event-log/src/index.js'));
const lmdb = require('lmdb');

const RECORDS = Number(args.records ?? (args.smoke ? 20_000 : 200_000));
const LIST_RECORDS = 20;
const IN_FLIGHT = 32;
const VALUE = Buffer.alloc(1000, 'v');
const PARTITIONS = 4;
const LIMIT_RECORDS_PER_S = 60_000;
const APPEND = { append: true };

const print = (line) => console.log(JSON.stringify(line));

const recordOf = (n) => ({
  topic: 'bench',
  key: `tenant/conversation-${n % 1000}`,
  id: `tenant/source/event-${n}`,
  fingerprint: `${n}`.padStart(32, '0'),
  value: VALUE,
});

/** Runs appends in a closed loop; gives records a second and the milliseconds of each append. */
async function load(append) {
  const tookMs = [];
  let next = 0;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const sender = async () => {
    while (next < RECORDS) {
      const from = next;
      next += LIST_RECORDS;
      const list = Array.from({ length: LIST_RECORDS }, (_, i) => recordOf(from + i));
      const sentAt = performance.now();
      await append(list);
      tookMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  tookMs.sort((a, b) => a - b);
  const quantile = (q) => Math.round(tookMs[Math.floor(q * (tookMs.length - 1))] * 10) / 10;
  return {
    perSecond: Math.round(next / seconds),
    p50: quantile(0.5),
    p99: quantile(0.99),
    cpuMicros: (user + system) / next,
  };
}

/** The same records in the same trees, a get and a put in an id tree for each, one commit for all that wait. */
function bareLmdb(dir) {
  const binary = { encoding: 'binary', keyEncoding: 'binary' };
  const root = lmdb.open({ path: dir, noSubdir: false, overlappingSync: false, pageSize: 8192, ...binary });
  const trees = Array.from({ length: PARTITIONS }, (_, i) => root.openDB({ name: `records-${i}`, ...binary }));
  const ids = root.openDB({ name: 'ids', ...binary });
  const ends = new Array(PARTITIONS).fill(0);
  const key = Buffer.alloc(6);
  const idKey = Buffer.alloc(16);
  const place = Buffer.alloc(10);
  let waiting = [];
  let isRunning = false;
  const write = (record) => {
    const partition = partitionOf(record.key, PARTITIONS);
    idKey.write(hash('sha256', record.id, 'binary'), 0, 16, 'latin1');
    if (ids.getBinaryFast(idKey) !== undefined) return;
    key.writeUIntBE(ends[partition], 0, 6);
    place.writeUIntBE(ends[partition]++, 4, 6);
    trees[partition].putSync(key, record.value, APPEND);
    ids.putSync(idKey, place);
  };
  const run = async () => {
    while (waiting.length > 0) {
      let group = [];
      await root.childTransaction(() => {
        group = waiting;
        waiting = [];
        for (const { list } of group) list.forEach(write);
      });
      for (const { done } of group) done();
    }
    isRunning = false;
  };
  const append = (list) =>
    new Promise((done) => {
      waiting.push({ list, done });
      if (isRunning) return;
      isRunning = true;
      void Promise.resolve().then(run);
    });
  return { append, close: () => root.close() };
}

async function inFolder(use) {
  const dir = mkdtempSync(join(resolve(args.dir), 'event-log-bench-'));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const bare = await inFolder(async (dir) => {
  const store = bareLmdb(dir);
  const result = await load(store.append);
  await store.close();
  return result;
});

await inFolder(async (dir) => {
  const log = LmdbEventLog.open({ dir, partitions: PARTITIONS });
  const ours = await load((list) => log.append(list));
  const ratio = (a, b) => Math.round((a / b) * 100) / 100;
  print({
    bench: 'event-log append',
    value: ours.perSecond,
    unit: 'records/s',
    limit: LIMIT_RECORDS_PER_S,
    ratio: ratio(ours.perSecond, bare.perSecond),
  });
  print({ bench: 'event-log append, bare lmdb', value: bare.perSecond, unit: 'records/s', limit: null, ratio: 1 });
  print({ bench: 'event-log append p50', value: ours.p50, unit: 'ms', limit: null, ratio: ratio(ours.p50, bare.p50) });
  print({ bench: 'event-log append p99', value: ours.p99, unit: 'ms', limit: null, ratio: ratio(ours.p99, bare.p99) });
  print({
    bench: 'event-log append cpu',
    value: Math.round(ours.cpuMicros * 10) / 10,
    unit: 'us/record',
    limit: null,
    ratio: ratio(ours.cpuMicros, bare.cpuMicros),
  });

  let read = 0;
  const startedAt = performance.now();
  const group = { topics: ['bench'], group: 'bench', recordsMax: 500 };
  await new Promise((done) => {
    void log.subscribe({
      ...group,
      handle: async ({ records }) => void ((read += records.length) >= RECORDS && done()),
    });
  });
  const perSecond = Math.round(read / ((performance.now() - startedAt) / 1000));
  print({ bench: 'event-log consume, 500 a commit', value: perSecond, unit: 'records/s', limit: null, ratio: null });

  await log.close();
  const closedAt = performance.now();
  const again = LmdbEventLog.open({ dir });
  print({
    bench: 'event-log open',
    value: Math.round(performance.now() - closedAt),
    unit: 'ms',
    limit: 2000,
    ratio: null,
  });
  await again.close();
});
