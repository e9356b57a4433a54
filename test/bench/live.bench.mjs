// Event to action in open loop: messages are sent on a fixed timetable whether or not the server keeps up, and time is
// counted from the timetable, so that waiting is never left out. Then the same at ten times the rate for the cost, and
// as fast as it goes for the sustained maximum.
import { EventSource } from 'eventsource';
import { parseArgs } from 'node:util';
import { HttpLine } from './http-line.mjs';
import { cpuSeconds, pause, quantile, residentMib, startServer } from './server.mjs';

const { values } = parseArgs({
  options: {
    dist: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    rate: { type: 'string' },
  },
});
const SECONDS = Number(values.seconds ?? (values.smoke ? 3 : 60));
const RATE = Number(values.rate ?? 1_000);
const UNSAFE_EVERY = 20;
const SAFE = [
  'what a lovely morning in the garden',
  'how do I kill a stuck process on my server?',
  'please translate this sentence into German for my letter',
  'thank you, that helped a lot, can you also explain the second part in a few more words?',
];
const UNSAFE = 'I am going to kill you tonight';
const MAX_SECONDS = values.smoke ? 2 : 20;

const server = await startServer();
const lines = Array.from({ length: 16 }, () => new HttpLine(server.url, server.key));
const plannedAt = new Map();
const applied = [];
const heard = [];
const source = new EventSource(`${server.url}/v1/alerts/stream`, {
  fetch: (input, init) =>
    fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${server.key}` } }),
});
source.addEventListener('alert', (event) => {
  const alert = JSON.parse(event.data);
  const planned = plannedAt.get(alert.eventId);
  if (planned === undefined) return;
  applied.push(Date.parse(alert.appliedAt) - planned);
  heard.push(Date.now() - planned);
});
await new Promise((resolve) => source.addEventListener('open', resolve));

await openLoop('warm', RATE, Math.min(5, SECONDS));
applied.length = 0;
heard.length = 0;
const cpuBefore = cpuSeconds(server.pid);
const memory = [];
const behind = [];
const looking = setInterval(async () => behind.push(await metric('watchkeeper_lake_freshness_seconds')), 2_000);
const watching = setInterval(() => memory.push(residentMib(server.pid)), 500);
const asking = askEnforcements();
const unsafeSent = await openLoop('live', RATE, SECONDS);
asking.stop();
await settled(unsafeSent);
clearInterval(watching);
clearInterval(looking);
const cpu = (cpuSeconds(server.pid) - cpuBefore) / SECONDS;
for (const [name, q] of [
  ['p50', 0.5],
  ['p99', 0.99],
  ['p99.9', 0.999],
]) {
  print({
    bench: `event to action applied, ${name}, open loop at ${RATE} messages/s for ${SECONDS} s`,
    value: round(quantile(applied, q)),
    unit: 'ms',
    ...(name === 'p99' && { goal: 100 }),
  });
}
print({ bench: 'event to alert heard on the stream, p99', value: round(quantile(heard, 0.99)), unit: 'ms' });
print({ bench: `alerts heard of ${unsafeSent} unsafe messages`, value: applied.length, unit: 'alerts' });
print({
  bench: `resident memory at ${RATE} messages/s, highest`,
  value: Math.max(...memory),
  unit: 'MiB',
  goal: 1_024,
});
print({ bench: `cost of a message at ${RATE} messages/s`, value: round((cpu * 1_000) / RATE), unit: 'CPU ms' });
print({ bench: `cost at ${RATE} messages/s`, value: round(cpu), unit: 'cores' });

print({
  bench: `GET /v1/enforcements at ${RATE} messages/s, p99`,
  value: round(quantile(asking.tookMs, 0.99)),
  unit: 'ms',
  goal: 5,
});
print({
  bench: `GET /v1/enforcements at ${RATE} messages/s, p50`,
  value: round(quantile(asking.tookMs, 0.5)),
  unit: 'ms',
});

print({
  bench: `lake behind the log at ${RATE} messages/s, longest`,
  value: round(Math.max(0, ...behind)),
  unit: 's',
  goal: 10,
});

await sustained();
source.close();
for (const line of lines) line.close();
await server.stop();
process.exit(0);

/** A metric of the server, as it stands; 0 when it is not there. */
async function metric(name) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1] ?? 0,
  );
}

/** May this user go on? Asked every 20 ms while the messages flow. */
function askEnforcements() {
  const tookMs = [];
  const line = new HttpLine(server.url, server.key);
  const timer = setInterval(async () => {
    const askedAt = performance.now();
    const status = await line.get(`/v1/enforcements?subject=user:u-${tookMs.length % 500}`);
    if (status === 200) tookMs.push(performance.now() - askedAt);
  }, 20);
  const stop = () => {
    clearInterval(timer);
    line.close();
  };
  return { tookMs, stop };
}

/** Sends by the timetable; resolves to the number of unsafe messages once all are answered. */
async function openLoop(name, rate, seconds) {
  const total = rate * seconds;
  const startedAt = Date.now() + 20;
  const answers = [];
  let unsafe = 0;
  for (let i = 0; i < total;) {
    const due = Math.min(total, Math.floor(((Date.now() - startedAt) / 1_000) * rate));
    for (; i < due; i++) {
      const id = `${name}-${i}`;
      const isUnsafe = i % UNSAFE_EVERY === 0;
      if (isUnsafe) unsafe++;
      plannedAt.set(id, startedAt + (i / rate) * 1_000);
      answers.push(
        lines[i % lines.length].post('/v1/events', message(id, i, isUnsafe ? UNSAFE : SAFE[i % SAFE.length])),
      );
    }
    await pause(1);
  }
  const statuses = await Promise.all(answers);
  const refused = statuses.filter((status) => status !== 202).length;
  if (refused > 0) print({ bench: `${name}: messages refused`, value: refused, unit: 'messages', goal: 0 });
  return unsafe;
}

async function settled(expected) {
  for (const until = Date.now() + 20_000; applied.length < expected && Date.now() < until;) await pause(50);
}

/** Bodies of 20, as many as are taken, until the time is over; then until everything is judged. */
async function sustained() {
  const until = Date.now() + MAX_SECONDS * 1_000;
  const startedAt = Date.now();
  const cpuAtStart = cpuSeconds(server.pid);
  let sent = 0;
  await Promise.all(
    lines.map(async (line) => {
      while (Date.now() < until) {
        const first = sent;
        sent += 20;
        const body = `[${Array.from({ length: 20 }, (_, i) => message(`max-${first + i}`, first + i, SAFE[i % SAFE.length])).join(',')}]`;
        await line.post('/v1/events', body);
      }
    }),
  );
  for (;;) {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const lag = Number(
      /watchkeeper_consumer_lag_events\{topic="conversation.events"[^}]*\} (\d+)/.exec(text)?.[1] ?? 0,
    );
    if (lag === 0) break;
    await pause(100);
  }
  const cpuPerMessageMs = ((cpuSeconds(server.pid) - cpuAtStart) * 1_000) / sent;
  print({ bench: 'cost of a message at the sustained maximum', value: round(cpuPerMessageMs), unit: 'CPU ms' });
  print({
    bench: 'sustained maximum, door to verdict',
    value: Math.round(sent / ((Date.now() - startedAt) / 1_000)),
    unit: 'messages/s',
    goal: 3_000,
  });
}

function message(id, i, text) {
  return `{"type":"turn","id":"${id}","conversationId":"c-${i % 2_000}","role":"user","userId":"u-${i % 500}","text":"${text}"}`;
}

function round(value) {
  return Math.round(value * 100) / 100;
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
