/**
 * Appends while the disk fails, and says what came of it. Run by log-disk.sh, under strace or on a small file system.
 *   node test/faults/log-disk.mjs [--dist dist] --dir DIR [--lists 200] [--filler FILE]
 * With a filler: once appends are refused it is removed, and the log must take appends again.
 * Prints one JSON line; exits 1 when an append was acknowledged and is not there, or one refused is there.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: args } = parseArgs({
  options: {
    dist: { type: 'string', default: 'dist' },
    dir: { type: 'string' },
    lists: { type: 'string', default: '200' },
    filler: { type: 'string' },
    count: { type: 'boolean', default: false },
  },
});
const { LmdbEventLog } = createRequire(import.meta.url)(resolve(args.dist, 'libs/event-log/src/lmdb/index.js'));

const TOPIC = 'faults';
const VALUE = Buffer.alloc(20_000, 'v');
const RECOVERY_MS_MAX = 10_000;

const log = LmdbEventLog.open({ dir: join(args.dir, 'log'), partitions: 1 });
if (args.count) {
  const records = await log.read({ topic: TOPIC, partition: 0, offset: 0 }, { recordsMax: 100_000 });
  console.log(JSON.stringify(records.map(({ key }) => Number(key))));
  await log.close();
  process.exit(0);
}

const refusals = new Map();
const causes = new Set();
const acked = [];
let firstRefused;
let refusedChecks = 0;

for (let n = 0; n < Number(args.lists); n++) {
  if (await append(n)) continue;
  firstRefused ??= n;
  refusedChecks += await log.check().then(
    () => 0,
    () => 1,
  );
  await sleep(10);
}

let recoveredMs = null;
if (firstRefused !== undefined) {
  const startedAt = Date.now();
  if (args.filler !== undefined) rmSync(args.filler);
  while (Date.now() - startedAt < RECOVERY_MS_MAX && recoveredMs === null) {
    if (await append(Number(args.lists))) recoveredMs = Date.now() - startedAt;
    else await sleep(50);
  }
}

// Another process reads: this one may be past reading.
const counting = [fileURLToPath(import.meta.url), '--dist', args.dist, '--dir', args.dir, '--count'];
const there = JSON.parse(execFileSync(process.execPath, counting, { encoding: 'utf8' }));
const isExact = JSON.stringify(there) === JSON.stringify(acked);
console.log(
  JSON.stringify({
    check: 'event-log disk',
    acked: acked.length,
    there: there.length,
    firstRefused,
    refusals: Object.fromEntries(refusals),
    causes: [...causes],
    refusedChecks,
    recoveredMs,
    isExact,
  }),
);
await log.close();
process.exit(isExact ? 0 : 1);

async function append(n) {
  try {
    await log.append([{ topic: TOPIC, key: `${n}`, id: `${n}`, value: VALUE }]);
    acked.push(n);
    return true;
  } catch (error) {
    refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
    causes.add(String(error.cause?.message ?? error.message));
    return false;
  }
}
