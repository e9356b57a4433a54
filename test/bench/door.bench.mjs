// Durable ingest through the HTTP door: bodies of 20 events of 1 kB, 32 in flight, each 202 said after the disk has it.
// First the door alone, as in a process of its own, then with every service judging, acting and landing beside it.
// The client is another process on the same cores.
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

const ID_DIGITS = 10;
const ID = '#'.repeat(ID_DIGITS);
const TEMPLATE = Buffer.from(
  `[${Array.from(
    { length: EVENTS },
    (_, i) =>
      `{"type":"turn","id":"${ID}","conversationId":"c-${i * 31}","role":"user","userId":"u-${i}","model":{"provider":"acme","name":"acme-chat","version":"1"},"surface":"web","language":"en","text":"${TEXT}"}`,
  ).join(',')}]`,
);
const PLACES = placesOf(TEMPLATE, ID);

let count = 0;
await measure('alone', 'ingest');
await measure('with every service beside it', 'ingest,stream,action,batch,console');

async function measure(name, services) {
  const server = await startServer({ WATCHKEEPER_SERVICES: services, WATCHKEEPER_EVENTS_PER_SECOND_MAX: '1000000' });
  const lines = Array.from({ length: LINES }, () => new HttpLine(server.url, server.key));
  await pour(lines, 1);
  const startedAt = performance.now();
  const accepted = await pour(lines, SECONDS);
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const line of lines) line.close();
  await server.stop();
  const bench = `door ${name}: events of 1 kB acknowledged, bodies of 20`;
  const figure = { bench, value: Math.round(accepted / seconds), unit: 'events/s', goal: 40_000 };
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}

/** Posts for so many seconds; resolves to the events that were acknowledged. */
async function pour(lines, seconds) {
  const until = performance.now() + seconds * 1_000;
  const posters = lines.flatMap((line) => Array.from({ length: IN_FLIGHT_PER_LINE }, () => postUntil(line, until)));
  return (await Promise.all(posters)).reduce((total, accepted) => total + accepted, 0);
}

async function postUntil(line, until) {
  let accepted = 0;
  while (performance.now() < until) {
    const status = await line.post('/v1/events', body());
    if (status === 202) accepted += EVENTS;
    else if (status !== 503 && status !== 429) throw new Error(`answered ${status}`);
  }
  return accepted;
}

/** A copy of one body with fresh ids in their places: building text anew would cost more than the door does. */
function body() {
  const bytes = Buffer.from(TEMPLATE);
  for (const place of PLACES) bytes.latin1Write(String(++count).padStart(ID_DIGITS, '0'), place);
  return bytes;
}

function placesOf(bytes, text) {
  const places = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
  return places;
}
