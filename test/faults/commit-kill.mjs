// Kills writers (SIGKILL) at each point of a commit and at random moments, two of them at work on the same partitions,
// then counts: every number is in the table once, every file that is named is there, none is left over.
//   node test/faults/commit-kill.mjs [--rounds N] [--dist DIR]     prints one line of JSON; exit 1 when a count is wrong
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, dist: { type: 'string', default: 'dist' } },
});
const rounds = Number(values.rounds);
const require = createRequire(import.meta.url);
const iceberg = require(resolve(values.dist, 'libs/lakehouse/src/iceberg'));
const { DirectoryCatalog } = require(resolve(values.dist, 'libs/lakehouse/src/catalog/directory'));

const TABLE = 'bronze.numbers';
const PARTITIONS = 3;
const BATCH = 5;
const RANDOM_KILL_MS_MAX = 400;
const WRITER_MS_MAX = 60_000;
const writer = fileURLToPath(new URL('commit-kill-writer.mjs', import.meta.url));

const root = await mkdtemp(join(tmpdir(), 'commit-kill-'));
const faults = [];
let kills = 0;
let target = 0;
try {
  for (let round = 0; round < rounds; round++) {
    for (const point of iceberg.COMMIT_POINTS) {
      target += BATCH * 3;
      const rival = run([String(target)], Math.random() * RANDOM_KILL_MS_MAX + 100);
      await run([String(target), point, String(round % 2)]);
      await rival;
      await check(`killed at ${point} in round ${round}`);
    }
  }
  await run([String(target)]);
  await check('at the end', target);
  await checkNothingIsLeft();
} finally {
  await rm(root, { recursive: true, force: true });
}
const rows = target * PARTITIONS;
process.stdout.write(`${JSON.stringify({ kills, rows, faults })}\n`);
process.exitCode = faults.length === 0 && kills > 0 ? 0 : 1;

/** Resolves when the writer has ended, by itself or killed. */
function run(options, killAfterMs = WRITER_MS_MAX) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [writer, values.dist, root, ...options], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.on('error', failed);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') kills++;
      else if (code !== 0) faults.push(`a writer ended with ${code}`);
      done();
    });
  });
}

/** A fresh reader: what the table says it has landed is there, each number once. */
async function check(when, expected) {
  const catalog = await DirectoryCatalog.open({ root });
  if (!(await catalog.exists(TABLE))) return;
  const table = await catalog.load(TABLE);
  const offsets = JSON.parse(table.metadata.properties['numbers.offsets'] ?? '{}');
  const seen = new Map();
  for (const file of await iceberg.liveFiles(catalog.storage, table)) {
    for (const line of (await readFile(file.path, 'utf8')).split('\n')) seen.set(line, (seen.get(line) ?? 0) + 1);
  }
  for (let p = 0; p < PARTITIONS; p++) {
    if (expected !== undefined && offsets[p] !== expected) faults.push(`${when}: partition ${p} ends at ${offsets[p]}`);
    for (let n = 0; n < (offsets[p] ?? 0); n++) {
      const times = seen.get(`${p} ${n}`) ?? 0;
      if (times !== 1) faults.push(`${when}: ${p} ${n} is there ${times} times`);
      seen.delete(`${p} ${n}`);
    }
  }
  if (seen.size > 0) faults.push(`${when}: ${seen.size} numbers beyond the offsets`);
}

/** After maintenance, what lies on the disk is what the table names, and nothing was lost. */
async function checkNothingIsLeft() {
  const catalog = await DirectoryCatalog.open({ root });
  await iceberg.expireSnapshots(catalog, TABLE, { olderThanMs: -WRITER_MS_MAX, keepMin: 3 });
  await iceberg.removeOrphans(catalog, TABLE, { olderThanMs: -WRITER_MS_MAX });
  const table = await catalog.load(TABLE);
  const live = new Set((await iceberg.liveFiles(catalog.storage, table)).map((file) => file.path));
  const folder = join(root, 'bronze/numbers/data');
  const left = (await readdir(folder)).filter((name) => !live.has(join(folder, name)));
  if (left.length > 0) faults.push(`${left.length} data files were left over`);
  const temporary = (await readdir(join(root, 'bronze/numbers/metadata'))).filter((name) => name.endsWith('.tmp'));
  if (temporary.length > 0) faults.push(`${temporary.length} temporary files were left over`);
  await check('after maintenance', target);
}
