import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';

const TIMEOUT_MS = 30_000;

/** Appends `first` with an id, says so, and appends what it is told, line by line. */
const APPENDER = `
  const { LmdbEventLog } = require('./libs/event-log/src/lmdb/index.js');
  const log = LmdbEventLog.open({ dir: process.argv[1], partitions: 1 });
  const append = (text) => log.append([{ topic: 't', key: 'k', id: text, value: Buffer.from(text) }]);
  append('first').then(() => process.stdout.write('ready'));
  process.stdin.on('data', (data) => append(String(data)));
`;

/** Consumes without end and never finishes a batch. */
const CONSUMER = `
  const { LmdbEventLog } = require('./libs/event-log/src/lmdb/index.js');
  const log = LmdbEventLog.open({ dir: process.argv[1], partitions: 1 });
  const handle = () => { process.stdout.write('ready'); return new Promise(() => {}); };
  log.subscribe({ topics: ['t'], group: 'g', recordsMax: 1, handle });
  process.stdin.resume();
`;

describe('LmdbEventLog in several processes', () => {
  let dist: string;
  let dir: string;
  const children: ChildProcessWithoutNullStreams[] = [];
  const logs: LmdbEventLog[] = [];

  beforeAll(() => {
    dist = mkdtempSync(join(tmpdir(), 'event-log-dist-'));
    symlinkSync(resolve('node_modules'), join(dist, 'node_modules'));
    const sources = ['libs/domain/src', 'libs/event-log/src'];
    const options = ['--out-dir', dist, '--config-file', '.swcrc', '--ignore', '**/*.spec.ts'];
    execFileSync(process.execPath, ['node_modules/@swc/cli/bin/swc.js', ...sources, ...options], { stdio: 'pipe' });
  }, TIMEOUT_MS);

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'event-log-processes-'));
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const log of logs.splice(0)) await log.close();
    rmSync(dir, { recursive: true, force: true });
  });

  afterAll(() => {
    rmSync(dist, { recursive: true, force: true });
  });

  const run = async (script: string): Promise<ChildProcessWithoutNullStreams> => {
    const child = spawn(process.execPath, ['-e', script, dir], { cwd: dist });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  };
  const open = (readOnly: boolean): LmdbEventLog => {
    const log = LmdbEventLog.open({ dir, partitions: 1, readOnly });
    logs.push(log);
    return log;
  };
  const texts = async (log: LmdbEventLog): Promise<string[]> =>
    (await log.read({ topic: 't', partition: 0, offset: 0 }, { recordsMax: 100 })).map(({ value }) =>
      Buffer.from(value).toString(),
    );

  it('is read by a second process while the first writes, and wakes its waiting reader', async () => {
    const writer = await run(APPENDER);
    const log = open(true);
    expect(await texts(log)).toEqual(['first']);
    expect(await log.find('t', 'first')).toEqual({ topic: 't', partition: 0, offset: 0 });
    await expect(log.append([{ topic: 't', key: 'k', value: Buffer.from('') }])).rejects.toMatchObject({
      code: 'log-read-only',
    });
    writer.stdin.write('second');
    const startedAt = performance.now();
    while ((await texts(log)).length < 2) await log.changed('t', 10_000);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(await log.find('t', 'second')).toMatchObject({ offset: 1 });
  });

  it('knows the ids that another process has appended, and numbers on after its records', async () => {
    const other = await run(APPENDER);
    const log = open(false);
    const append = (id: string): ReturnType<LmdbEventLog['append']> =>
      log.append([{ topic: 't', key: 'k', id, value: Buffer.from(id) }]);
    expect((await append('first'))[0]).toMatchObject({ outcome: 'duplicate', position: { offset: 0 } });
    expect((await append('mine'))[0]).toMatchObject({ outcome: 'appended', position: { offset: 1 } });
    other.stdin.write('mine');
    await sleep(100);
    other.stdin.write('theirs');
    while ((await texts(log)).length < 3) await log.changed('t', 1000);
    expect((await append('theirs'))[0]).toMatchObject({ outcome: 'duplicate', position: { offset: 2 } });
    expect(await texts(log)).toEqual(['first', 'mine', 'theirs']);
  });

  it('gives a partition to one process at a time, and to the next at once when the owner is dead', async () => {
    const log = open(false);
    await log.append([{ topic: 't', key: 'k', value: Buffer.from('one') }]);
    const owner = await run(CONSUMER);
    const delivered: string[] = [];
    await log.subscribe({
      topics: ['t'],
      group: 'g',
      recordsMax: 1,
      handle: async ({ records }) => void delivered.push(...records.map(({ value }) => Buffer.from(value).toString())),
    });
    await sleep(700);
    expect(delivered).toEqual([]);
    owner.kill('SIGKILL');
    const startedAt = performance.now();
    while (delivered.length === 0 && performance.now() - startedAt < 5000) await sleep(10);
    expect(delivered).toEqual(['one']);
  });
});
