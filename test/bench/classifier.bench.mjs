// How fast texts become scores: end to end through the classifier with one worker, beside its parts and beside bare
// onnxruntime on the very same batches, in one run.
//   node test/bench/classifier.bench.mjs [--dist DIR] [--model DIR] [--seconds N]
// Prints a line of JSON per figure: {bench, value, unit, limit, ratio}. `limit` is what is demanded, `ratio` = value / limit.
// `perCpuSecond` counts the processor time of all threads: what one core does, also while a neighbour is at work.
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';

const MESSAGES = 20_000;
const CALL_TEXTS = 256;
const BATCH = 64;
const MESSAGES_PER_SECOND_MIN = 30_000;

const { values: options } = parseArgs({
  options: {
    dist: { type: 'string', default: 'dist' },
    smoke: { type: 'boolean', default: false },
    model: { type: 'string', default: 'models/safety/stage1-0.1.0' },
    seconds: { type: 'string' },
  },
});
const secondsMin = Number(options.seconds ?? (options.smoke ? 0.3 : 4));
const load = createRequire(resolve(options.dist, 'x.js'));
const onnx = (file) => load(resolve(options.dist, 'libs/classifier/src/onnx', file));

const { OnnxClassifier } = onnx('index.js');
const { WordPiece } = onnx('wordpiece.js');
const { windowsOf } = onnx('windows.js');
const { Scorer } = onnx('scorer.js');
const { openSession } = onnx('onnx-session.js');

const { messages, source } = await realMix();
const labels = JSON.parse(readFileSync(join(options.model, 'labels.json'), 'utf8'));
const window = { tokens: labels.windowTokens, overlap: labels.overlap };
const wordPiece = new WordPiece(readFileSync(join(options.model, 'vocab.txt'), 'utf8'));
const bytes = readFileSync(join(options.model, 'model.onnx'));
print({ bench: 'classifier.mix', value: messages.length, unit: 'messages', source, ...lengths() });

// The batches that the scorer hands to onnxruntime, kept to be run again bare.
const bare = await openSession(bytes);
const recorded = [];
await scoreAll({
  run: (batch) => {
    recorded.push({ ...batch, indices: batch.indices.slice(), values: batch.values.slice() });
    return bare.run(batch);
  },
});

const classifier = await OnnxClassifier.open({ modelDir: options.model, workers: 1 });
const inputs = messages.map(({ text, role }) => ({ text, role: role === 'assistant' ? 'assistant' : 'user' }));
const measured = await measure({
  tokenise: tokeniseAll,
  bare: runBare,
  inThread: () => scoreAll(bare),
  endToEnd: () => classifyAll(classifier),
});
const single = await latencies(classifier);
await classifier.close();

const { tokenise, inThread, endToEnd } = measured;
print({ bench: 'classifier.tokenise', ...perSecond(tokenise), limit: 60_000 });
print({ bench: 'classifier.bare-onnxruntime', ...perSecond(measured.bare) });
print({ bench: 'classifier.scorer-in-thread', ...perSecond(inThread) });
print({ bench: 'classifier.end-to-end-1-worker', ...perSecond(endToEnd), limit: MESSAGES_PER_SECOND_MIN });
print({
  bench: 'classifier.end-to-end-of-bare',
  value: round(measured.bare.seconds / endToEnd.seconds, 3),
  unit: 'ratio to bare onnxruntime on the same batches',
});
print({
  bench: 'classifier.end-to-end-of-in-thread',
  value: round(inThread.seconds / endToEnd.seconds, 3),
  unit: 'ratio to tokenising, counting and running in one thread without a pool',
});
print({ bench: 'classifier.one-at-a-time', value: single, unit: 'ms p50 of one message, idle classifier' });

function tokeniseAll() {
  const ids = [];
  for (const { text } of messages) {
    ids.length = 0;
    wordPiece.encode(text, ids);
  }
}

async function runBare() {
  for (const batch of recorded) await bare.run(batch);
}

/** Two calls in flight, as the stream does with several partitions: the worker never waits for the next call. */
async function classifyAll(opened) {
  let at = 0;
  const caller = async () => {
    while (at < inputs.length) {
      const from = at;
      at += CALL_TEXTS;
      const answers = await opened.classify(inputs.slice(from, from + CALL_TEXTS));
      if (answers.some(({ outcome }) => outcome !== 'scored')) throw new Error('a message was not scored');
    }
  };
  await Promise.all([caller(), caller()]);
}

async function scoreAll(session) {
  const settings = { window, categories: labels.categories.length, rowsMax: BATCH, windowsMax: 16_384 };
  const scorer = new Scorer(wordPiece, session, settings);
  for (let at = 0; at < messages.length; at += BATCH) {
    const batch = messages.slice(at, at + BATCH);
    await scorer.score({
      texts: batch.map(({ text }) => text),
      roleTokens: Uint8Array.from(batch, ({ role }) => labels.roleTokens[role] ?? labels.roleTokens.user),
    });
  }
}

/** Each pass by turns, so that a busy neighbour slows all alike; the best of each counts: a neighbour only ever slows one down. */
async function measure(passes) {
  for (const pass of Object.values(passes)) await pass();
  const best = {};
  const end = performance.now() + secondsMin * 1_000 * Object.keys(passes).length;
  while (performance.now() < end) {
    for (const [name, pass] of Object.entries(passes)) {
      const cpu = process.cpuUsage();
      const start = performance.now();
      await pass();
      const seconds = (performance.now() - start) / 1_000;
      const { user, system } = process.cpuUsage(cpu);
      const cpuSeconds = (user + system) / 1e6;
      best[name] = {
        seconds: Math.min(seconds, best[name]?.seconds ?? seconds),
        cpuSeconds: Math.min(cpuSeconds, best[name]?.cpuSeconds ?? cpuSeconds),
      };
    }
  }
  return best;
}

async function latencies(opened) {
  const times = [];
  for (const input of inputs.slice(0, 500)) {
    const start = performance.now();
    await opened.classify([input]);
    times.push(performance.now() - start);
  }
  return round(times.sort((a, b) => a - b)[250], 3);
}

function perSecond({ seconds, cpuSeconds }) {
  const perCpuSecond = Math.round(messages.length / cpuSeconds);
  return { value: Math.round(messages.length / seconds), unit: 'messages/s', perCpuSecond };
}

function lengths() {
  const tokens = messages.map(({ text }) => [...windowsOf(text, wordPiece, { tokens: 100_000, overlap: 0 })][0].length);
  const sorted = tokens.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.floor(sorted.length * share)];
  const mean = round(tokens.reduce((sum, count) => sum + count, 0) / tokens.length, 1);
  return { tokensMean: mean, tokensP50: at(0.5), tokensP90: at(0.9), tokensP99: at(0.99) };
}

function print(line) {
  const ratio = line.limit === undefined ? undefined : { ratio: round(line.value / line.limit, 3) };
  process.stdout.write(`${JSON.stringify({ ...line, ...ratio })}\n`);
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}

/** Turns of real conversations when the shared data is there, else a mix of the same lengths made from a few words. */
async function realMix() {
  const file = join(process.env.WATCHKEEPER_SHARED ?? '../shared', 'data/quality/conversations.jsonl.gz');
  if (!existsSync(file)) return { messages: syntheticMix(), source: 'synthetic: the shared data is absent' };
  const turns = [];
  for await (const line of createInterface({ input: createReadStream(file).pipe(createGunzip()) })) {
    for (const { role, text } of JSON.parse(line).turns) turns.push({ role, text });
  }
  // Every n-th turn: all sources in their shares.
  const step = turns.length / MESSAGES;
  return {
    messages: Array.from({ length: MESSAGES }, (_, at) => turns[Math.floor(at * step)]),
    source: 'shared conversations',
  };
}

/** Log-normal lengths: median 23 tokens, mean about 57, as measured on real chat. */
function syntheticMix() {
  const words = 'the quiet harbour light was seen again from every passing ship while we waited for morning tea'.split(
    ' ',
  );
  let state = 1;
  const random = () => (state = Math.imul(state, 48_271) & 0x7fffffff || 1) / 0x7fffffff;
  return Array.from({ length: MESSAGES }, (_, at) => {
    const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    const count = Math.max(1, Math.min(2_000, Math.round(23 * Math.exp(1.35 * normal))));
    const text = Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(' ');
    return { role: at % 2 === 0 ? 'user' : 'assistant', text };
  });
}
