import { fork, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { IcebergLakehouse } from '@watchkeeper/lakehouse/iceberg-lakehouse';

const REPOSITORY = resolve(__dirname, '../..');
const CHILD = join(__dirname, 'lakehouse.child.cjs');
const PARTITIONS = 2;
const RECORDS_A_PARTITION = 400;
const KILLS = 8;
const LIFE_MS_MIN = 40;
const LIFE_MS_SPREAD = 900;

/** A process of its own needs compiled code. */
function compile(to: string): void {
  const swc = require.resolve('@swc/cli/bin/swc.js');
  const args = [swc, 'apps', 'libs', '-d', to, '--config-file', '.swcrc', '--ignore', '**/*.spec.ts'];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: REPOSITORY, encoding: 'utf8' });
  if (status !== 0) throw new Error(`could not compile: ${stderr}`);
}

/** Runs the child until it ends, or kills it so long after it has opened the lake. Gives whether it ended by itself. */
function live(dist: string, dir: string, lifeMs?: number): Promise<boolean> {
  return new Promise((done, failed) => {
    const child = fork(CHILD, [dist, dir, String(RECORDS_A_PARTITION)], {
      env: { ...process.env, NODE_PATH: join(REPOSITORY, 'node_modules') },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let faults = '';
    child.stderr?.on('data', (chunk: Buffer) => (faults += chunk.toString('utf8')));
    if (lifeMs !== undefined) child.once('message', () => setTimeout(() => child.kill('SIGKILL'), lifeMs));
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') done(false);
      else if (code === 0) done(true);
      else failed(new Error(`the child ended with ${code}: ${faults}`));
    });
  });
}

describe('a lake whose process is killed at any moment (kill -9)', () => {
  let dir: string;
  let dist: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lake-kill-'));
    dist = await mkdtemp(join(tmpdir(), 'lake-dist-'));
    compile(dist);
  });
  afterAll(async () => {
    for (const each of [dir, dist]) await rm(each, { recursive: true, force: true });
  });

  it('has each record exactly once in bronze, silver and gold, and cleans up after its dead', async () => {
    let kills = 0;
    for (let i = 0; i < KILLS; i++) {
      const isEnded = await live(dist, dir, LIFE_MS_MIN + (LIFE_MS_SPREAD * i) / KILLS);
      if (!isEnded) kills += 1;
    }
    expect(await live(dist, dir)).toBe(true);
    expect(kills).toBeGreaterThan(KILLS / 2);

    const lake = await IcebergLakehouse.open({ dir });
    const all = PARTITIONS * RECORDS_A_PARTITION;
    const { bronze, turns } = await lake.counts();
    expect(bronze[0]).toMatchObject({
      rows: all,
      distinct: all,
      offsets: Array.from({ length: PARTITIONS }, () => RECORDS_A_PARTITION),
    });
    expect(turns).toEqual({ bronze: all, silver: all, silverDistinct: all, gold: all });
    await lake.close();
    expect(await readdir(join(dir, '.scratch'))).toEqual([]);
  });
});
