// Kills the whole process under load, at random moments and at named points, and then looks for what was lost or doubled.
//   npm run test:faults -- --kills 60 --failpoint-rounds 1 --seed 7
// Ends with 1 when the checker finds anything. The seed is printed: the same seed gives the same load and the same kills.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { check } from './check.mjs';
import { Ledger } from './ledger.mjs';
import { pause, poster } from './load.mjs';
import { randomFrom } from './random.mjs';
import { Victim } from './server.mjs';

/** Steps at which the process is killed, with the pass at which it happens. */
const FAILPOINTS = [
  'log.append.before:9',
  'log.append.after:9',
  'classifier.classify.after:5',
  'log.batch.judge-turns.before:6',
  'log.batch.judge-turns.after:6',
  'actions.applyAll.before:4',
  'actions.applyAll.after:4',
  'log.batch.apply-alerts.after:4',
  'lakehouse.land.before:4',
  'lakehouse.land.after:4',
  'lakehouse.refresh.before:2',
  'lakehouse.refresh.after:2',
  'lake.beforeSwap:5',
  'lake.afterSwap:5',
  'lake.beforeHint:5',
  'reports.publish.before:2',
  'reports.publish.after:2',
];
const POSTERS = 4;
const FAILPOINT_MS_MAX = 15_000;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '60' },
    'failpoint-rounds': { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const random = randomFrom(seed);
const dir = mkdtempSync(join(tmpdir(), 'watchkeeper-faults-'));
process.stdout.write(`seed ${seed}, data in ${dir}\n`);

const victim = new Victim(join(dir, 'data'));
const ledgerFile = join(dir, 'ledger.ndjson');
const ledger = new Ledger(ledgerFile);
const over = new AbortController();
await victim.start();
const startedAt = Date.now();
const posters = Array.from({ length: POSTERS }, (_, i) =>
  poster({
    name: `p${i}`,
    random: randomFrom(seed + i + 1),
    ledger,
    address: () => victim.address,
    isOver: () => over.signal.aborted,
    startedAt,
  }),
);
const failures = [];
const load = Promise.all(posters).catch((error) => {
  failures.push(error);
});

let kills = 0;
const passed = [];
const missed = [];
try {
  for (let i = 0; i < Number(values.kills) && failures.length === 0; i++) {
    await pause(random.between(150, 2_500));
    await victim.end('SIGKILL');
    kills++;
    await victim.start();
    if (process.stderr.isTTY) process.stderr.write(`\r${kills} kills`);
  }
  for (let round = 0; round < Number(values['failpoint-rounds']) && failures.length === 0; round++) {
    for (const point of FAILPOINTS) {
      await victim.end('SIGKILL');
      kills++;
      const isUp = await victim.start(point);
      const hasDied = !isUp || (await victim.died(FAILPOINT_MS_MAX));
      (hasDied ? passed : missed).push(point);
      kills += hasDied ? 1 : 0;
      if (hasDied) await victim.start();
    }
  }
} finally {
  over.abort();
  if (!victim.isRunning) await victim.start();
  await load;
}
ledger.close();
if (failures.length > 0) throw failures[0];

const { url, key } = victim.address;
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
const verification = await (await fetch(`${url}/v1/verify`, { method: 'POST', headers, body: '{}' })).json();
const violations = await check({
  ledgerFile,
  dataDir: victim.dataDir,
  url,
  headers,
  verification,
  stop: () => victim.end('SIGTERM'),
});
await victim.end('SIGKILL');
if (missed.length > 0) violations.push(`failpoints that were never passed: ${missed.join(', ')}`);

const restarts = victim.starts.toSorted((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({
    seed,
    kills,
    failpoints: passed.length,
    restartMsMedian: restarts[Math.floor(restarts.length / 2)],
    restartMsMax: restarts.at(-1),
    upperBoundPerKill: Number((3 / kills).toFixed(4)),
    ...violations.figures,
    violations: violations.length,
  })}\n`,
);
for (const violation of violations) process.stdout.write(`VIOLATION ${violation}\n`);
if (!values.keep && violations.length === 0) rmSync(dir, { recursive: true, force: true });
process.exit(violations.length === 0 ? 0 : 1);
