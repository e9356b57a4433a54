import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = resolve(__dirname, '../..');
let compiled: string;

/** Below the repository, so that the compiled code finds its packages. */
beforeAll(async () => {
  mkdirSync(join(repository, '.cache'), { recursive: true });
  compiled = mkdtempSync(join(repository, '.cache/catalog-kill-'));
  const swc = join(repository, 'node_modules/@swc/cli/bin/swc.js');
  const options = [
    'libs/lakehouse',
    'libs/domain',
    '-d',
    compiled,
    '--config-file',
    '.swcrc',
    '--ignore',
    '**/*.spec.ts',
  ];
  await run(process.execPath, [swc, ...options], { cwd: repository });
});

afterAll(() => rmSync(compiled, { recursive: true, force: true }));

describe('a writer that is killed (SIGKILL)', () => {
  it('at any point of a commit leaves a table that can be read, with every row once', async () => {
    const script = join(repository, 'test/faults/commit-kill.mjs');
    const { stdout } = await run(process.execPath, [script, '--dist', compiled, '--rounds', '1'], { cwd: repository });
    const result: unknown = JSON.parse(stdout);
    expect(result).toMatchObject({ faults: [], rows: 225 });
  });
});
