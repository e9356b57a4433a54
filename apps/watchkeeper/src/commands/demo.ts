import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve as resolvePath } from 'node:path';
import type { Command } from 'commander';
import { weeklyReportSchema } from '@watchkeeper/domain';
import { renderTerminal } from '@watchkeeper/app-console/render-terminal';
import { WatchkeeperClient } from '../client';
import { adminKey } from '../connect';
import { CommandFailed, EXIT } from '../exit-codes';
import { alertLine, followAlerts } from '../follow-alerts';
import { readSettings } from '../settings';
import { print } from './options';

const MARKER = 'watchkeeper-demo';
const BATCH_EVENTS = 20;
const SETTLE_MS_MAX = 30_000;

interface DemoFlags {
  readonly data: string;
  readonly port?: string;
  readonly exit?: boolean;
}

export function addDemoCommand(root: Command): void {
  root
    .command('demo')
    .description(
      'the main job on a sample of our own writing: events in, alerts and a weekly report out; then it goes on serving',
    )
    .option('--data <dir>', 'folder of the demo; it is emptied at the start', '.watchkeeper/demo')
    .option('--port <number>', 'port of the HTTP interface (default: 8787, or a free one)')
    .option('--exit', 'end after the report')
    .action(runDemo);
}

async function runDemo(flags: DemoFlags): Promise<void> {
  const processStartedAt = Date.now() - process.uptime() * 1_000;
  const dataDir = resolvePath(flags.data);
  await emptyDemoFolder(dataDir);
  const settings = readSettings(process.env, { dataDir, port: flags.port, logLevel: 'error' });
  const { startServer } = await import('../start-server.js');
  const server = await startServer(settings).catch((error: unknown) => {
    if (flags.port !== undefined || !isAddressInUse(error)) throw error;
    return startServer({ ...settings, port: 0 });
  });
  const client = new WatchkeeperClient(server.url, await adminKey(dataDir));
  print(
    `Watchkeeper runs at ${server.url} (${seconds(Date.now() - processStartedAt)} after the process started). Alerts as they come:\n`,
  );

  const alerts = await watchAlerts(client);
  const posted = await postSample(client);
  await settled(client, posted.turnIds);
  await alerts.quiet();
  print(
    `\n${posted.events} events and ${posted.evaluations} human ratings were posted; ${alerts.count()} alerts came, the first ${seconds((alerts.firstAt() ?? Date.now()) - processStartedAt)} after the process started.`,
  );

  await client.post('/v1/reports/weekly/rebuild', {});
  const { reports } = await client.get<{ reports: { week: string }[] }>('/v1/reports/weekly');
  const weeks = reports.map(({ week }) => week).toSorted();
  // The last whole week holds enough ratings for numbers; the running one is still filling.
  const week = weeks.at(-2) ?? weeks.at(-1);
  if (week === undefined) throw new CommandFailed(EXIT.no, 'no report was built from the sample');
  print(`\n${renderTerminal(weeklyReportSchema.parse(await client.get(`/v1/reports/weekly/${week}`)))}\n`);
  alerts.stop();
  if (flags.exit) return server.stop();

  print(
    [
      `The lake lies in ${join(dataDir, 'lake')}, one Iceberg table a folder.`,
      `Weeks with a report: ${weeks.join(', ')}`,
      '',
      `export WK=${client.key}`,
      `curl -s -H "Authorization: Bearer $WK" ${server.url}/v1/reports/weekly/${week}`,
      `curl -s -H "Authorization: Bearer $WK" ${server.url}/v1/reports/weekly/${week}.html > report.html`,
      `curl -N -H "Authorization: Bearer $WK" ${server.url}/v1/alerts/stream`,
      `curl -s -H "Authorization: Bearer $WK" -H "Content-Type: application/json" ${server.url}/v1/events \\`,
      `  -d '{"type":"turn","id":"try-1","conversationId":"c-1","role":"user","userId":"me","text":"I will find you and kill you"}'`,
      '',
      'It goes on serving; Ctrl-C ends it.',
    ].join('\n'),
  );
  const { untilStopped } = await import('../until-stopped.js');
  await untilStopped(server);
}

/** Only a folder that an earlier demo made is emptied. */
async function emptyDemoFolder(dir: string): Promise<void> {
  const entries = await readdir(dir).catch((): string[] => []);
  if (entries.length > 0 && !entries.includes(MARKER)) {
    throw new CommandFailed(EXIT.usage, `${dir} is not empty and was not made by the demo: give another --data`);
  }
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, MARKER), 'made by `watchkeeper demo`, which empties this folder at each start\n');
}

async function watchAlerts(client: WatchkeeperClient) {
  let count = 0;
  let firstAt: number | undefined;
  let lastAt = Date.now();
  let stop = () => {};
  await new Promise<void>((opened) => {
    stop = followAlerts(client, {
      opened,
      alert: (alert) => {
        count++;
        lastAt = Date.now();
        firstAt ??= lastAt;
        print(alertLine(alert));
      },
    });
  });
  return {
    count: () => count,
    firstAt: () => firstAt,
    stop: () => stop(),
    /** Everything is judged by now: what is still to come comes within moments. */
    quiet: async () => {
      while (Date.now() - lastAt < 500) await pause(50);
    },
  };
}

async function postSample(client: WatchkeeperClient) {
  const { sampleConversations, sampleEvaluations, sampleModels } = await import('../sample/sample.js');
  const now = new Date();
  const events = sampleConversations(now);
  const evaluations = sampleEvaluations(now);
  await client.post('/v1/models', sampleModels());
  for (let i = 0; i < events.length; i += BATCH_EVENTS)
    await client.post('/v1/events', events.slice(i, i + BATCH_EVENTS));
  await client.post('/v1/evaluations', evaluations);
  return {
    events: events.length,
    evaluations: evaluations.length,
    turnIds: events.filter((event) => event.type === 'turn').map((event) => event.id),
  };
}

/** Waits until the last turn posted has been judged. */
async function settled(client: WatchkeeperClient, turnIds: readonly string[]): Promise<void> {
  const until = Date.now() + SETTLE_MS_MAX;
  for (const id of turnIds.slice(-8)) {
    for (;;) {
      const { judged } = await client.get<{ judged: unknown }>(`/v1/events/${encodeURIComponent(id)}`);
      if (judged !== null) break;
      if (Date.now() > until) throw new CommandFailed(EXIT.no, 'the sample was not judged in time');
      await pause(50);
    }
  }
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
