/**
 * Kills processes that append and consume, at random moments, and then counts: nothing acknowledged may be missing,
 * nothing may be there twice, each key in order, in what was appended and in what was made of it.
 *   node test/faults/log-kill.mjs [--dist dist] [--kills 100] [--processes 2] [--seed 1]
 * Prints one JSON line; exits 1 when a promise was broken.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: args } = parseArgs({
  options: {
    dist: { type: 'string', default: 'dist' },
    kills: { type: 'string', default: '100' },
    processes: { type: 'string', default: '2' },
    seed: { type: 'string', default: `${Date.now() % 100_000}` },
    // Of the processes that are killed:
    child: { type: 'string' },
    dir: { type: 'string' },
  },
});

const IN = 'in';
const OUT = 'out';
const GROUP = 'copy';
const KEYS_PER_PROCESS = 3;
const IN_FLIGHT = 4;
const LIST_RECORDS = 5;
/** A process lives this long after its first acknowledged append. */
const LIFE_MS_MAX = 250;
const DRAIN_MS_MAX = 60_000;

const { LmdbEventLog } = createRequire(import.meta.url)(resolve(args.dist, 'libs/event-log/src/lmdb/index.js'));

if (args.child === undefined) await kill();
else await appendAndConsume(args.child, args.dir);

async function appendAndConsume(name, dir) {
  const log = LmdbEventLog.open({ dir: join(dir, 'log') });
  await log.subscribe({ topics: [IN], group: GROUP, recordsMax: 20, handle: copy });
  const note = (line) => appendFileSync(ledgerOf(dir, name), `${line}\n`);
  let isReady = false;
  await Promise.all(Array.from({ length: KEYS_PER_PROCESS }, (_, n) => appendInOrder(`${name}-${n}`)));

  async function appendInOrder(key) {
    const { sent, acked } = readLedger(dir, name).get(key) ?? { sent: 0, acked: 0 };
    let next = acked;
    // What was sent and not answered is sent again: the ids say whether it is there.
    let again = sent;
    const waiting = [];
    for (;;) {
      while (waiting.length < IN_FLIGHT) {
        const until = again > next ? again : next + LIST_RECORDS;
        if (until > again) note(`sent ${key} ${until}`);
        const list = [];
        for (let seq = next; seq < until; seq++) list.push(recordOf(key, seq));
        waiting.push(log.append(list).then(() => note(`acked ${key} ${until}`)));
        again = 0;
        next = until;
      }
      await waiting.shift();
      if (!isReady) process.stdout.write('ready\n');
      isReady = true;
    }
  }
}

/** The records made have no ids: only the commit of outputs and position together keeps them single. */
async function copy({ records }) {
  return records.map(({ key, value }) => ({ topic: OUT, key, value }));
}

function recordOf(key, seq) {
  return { topic: IN, key, id: `${key}:${seq}`, value: Buffer.from(`${seq}`) };
}

async function kill() {
  const dir = mkdtempSync(join(tmpdir(), 'event-log-kill-'));
  const random = randomFrom(Number(args.seed));
  const names = Array.from({ length: Number(args.processes) }, (_, n) => `p${n}`);
  const startedAt = Date.now();
  try {
    // As many lives side by side as there are processes; each takes the next kill.
    let left = Number(args.kills);
    const faults = [];
    await Promise.all(
      names.map(async (name) => {
        while (left-- > 0) faults.push(...(await liveAndDie(name, dir, random() * LIFE_MS_MAX)));
      }),
    );
    const result = await count(dir, names);
    faults.push(...result.faults);
    const { acked, records, outputs } = result;
    const ms = Date.now() - startedAt;
    console.log(
      JSON.stringify({
        check: 'event-log kill',
        kills: Number(args.kills),
        seed: Number(args.seed),
        acked,
        records,
        outputs,
        ms,
        faults: faults.slice(0, 20),
      }),
    );
    process.exitCode = faults.length === 0 ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function liveAndDie(name, dir, lifeMs) {
  const file = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [file, '--dist', args.dist, '--child', name, '--dir', dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), lifeMs));
  return new Promise((done) => {
    child.once('exit', (code, signal) => done(signal === 'SIGKILL' ? [] : [`${name} ended by itself with ${code}`]));
  });
}

async function count(dir, names) {
  const faults = [];
  const log = LmdbEventLog.open({ dir: join(dir, 'log') });
  const subscription = await log.subscribe({ topics: [IN], group: GROUP, recordsMax: 500, handle: copy });
  const deadline = Date.now() + DRAIN_MS_MAX;
  while ((await log.lag(IN, GROUP)).some(({ records }) => records > 0) && Date.now() < deadline) {
    await log.changed(OUT, 50);
  }
  await subscription.stop();
  let acked = 0;
  const found = await seqsByKey(log, IN, faults);
  const copied = await seqsByKey(log, OUT, faults);
  for (const name of names) {
    for (const [key, ledger] of readLedger(dir, name)) {
      acked += ledger.acked;
      const seqs = found.get(key) ?? [];
      if (seqs.length < ledger.acked) faults.push(`${key}: ${ledger.acked} acknowledged, ${seqs.length} there`);
      if (seqs.length > ledger.sent) faults.push(`${key}: ${ledger.sent} sent, ${seqs.length} there`);
      seqs.forEach((seq, i) => seq === i || faults.push(`${key}: ${seq} in the place of ${i}`));
      const copies = copied.get(key) ?? [];
      if (copies.length !== seqs.length) faults.push(`${key}: ${seqs.length} there, ${copies.length} made of them`);
      copies.forEach((seq, i) => seq === i || faults.push(`${key}: output ${seq} in the place of ${i}`));
    }
  }
  await log.close();
  const sum = (all) => [...all.values()].reduce((total, seqs) => total + seqs.length, 0);
  return { acked, records: sum(found), outputs: sum(copied), faults };
}

async function seqsByKey(log, topic, faults) {
  const seqs = new Map();
  for (const { partition, start, end } of await log.bounds(topic)) {
    let offset = start;
    while (offset < end) {
      const records = await log.read({ topic, partition, offset }, { recordsMax: 1000 });
      for (const record of records) {
        if (record.offset !== offset++)
          faults.push(`${topic}/${partition}: ${record.offset} in the place of ${offset - 1}`);
        if (!seqs.has(record.key)) seqs.set(record.key, []);
        seqs.get(record.key).push(Number(Buffer.from(record.value).toString()));
      }
    }
  }
  return seqs;
}

function ledgerOf(dir, name) {
  return join(dir, `${name}.ledger`);
}

/** Per key the records sent and acknowledged: counts, as each key is numbered from 0. */
function readLedger(dir, name) {
  const ledger = new Map();
  const lines = existsSync(ledgerOf(dir, name)) ? readFileSync(ledgerOf(dir, name), 'utf8').split('\n') : [];
  for (const line of lines.slice(0, -1)) {
    const [what, key, until] = line.split(' ');
    const entry = ledger.get(key) ?? { sent: 0, acked: 0 };
    entry[what] = Math.max(entry[what], Number(until));
    ledger.set(key, entry);
  }
  return ledger;
}

/** The same seed gives the same lives (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
