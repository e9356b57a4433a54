// Durable ingest through the HTTP door: bodies of 20 events of 1 kB, 32 in flight, each 202 said after the disk has it.
// The client is a process of its own; the stream judges at the same time, as in life.
import { parseArgs } from 'node:util';
import { HttpLine } from './http-line.mjs';
import { startServer } from './server.mjs';

const { values } = parseArgs({ options: { dist: { type: 'string' }, smoke: { type: 'boolean', default: false } } });
const SECONDS = values.smoke ? 2 : 10;
const LINES = 16;
const IN_FLIGHT_PER_LINE = 2;
const EVENTS = 20;
const TEXT = 'the keeper climbs the stairs at dusk and lights the lamp, then writes the weather in the log. '
  .repeat(9)
  .slice(0, 780);

const server = await startServer();
let count = 0;
let accepted = 0;
const lines = Array.from({ length: LINES }, () => new HttpLine(server.url, server.key));
const until = performance.now() + SECONDS * 1_000;
const startedAt = performance.now();
await Promise.all(lines.flatMap((line) => Array.from({ length: IN_FLIGHT_PER_LINE }, () => postUntil(line))));
const seconds = (performance.now() - startedAt) / 1_000;
for (const line of lines) line.close();
await server.stop();
print({
  bench: 'door: events of 1 kB acknowledged, bodies of 20',
  value: Math.round(accepted / seconds),
  unit: 'events/s',
  goal: 40_000,
});

async function postUntil(line) {
  while (performance.now() < until) {
    const status = await line.post('/v1/events', body());
    if (status === 202) accepted += EVENTS;
    else if (status !== 503 && status !== 429) throw new Error(`answered ${status}`);
  }
}

function body() {
  const events = [];
  for (let i = 0; i < EVENTS; i++) {
    const id = ++count;
    events.push(
      `{"type":"turn","id":"bench-${id}","conversationId":"c-${id % 5_000}","role":"user","userId":"u-${id % 900}","model":{"provider":"acme","name":"acme-chat","version":"1"},"surface":"web","language":"en","text":"${TEXT}"}`,
    );
  }
  return `[${events.join(',')}]`;
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
