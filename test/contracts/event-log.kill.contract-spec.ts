import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A short run; `npm run test:faults` takes hundreds of kills. */
const KILLS = 10;
const TIMEOUT_MS = 60_000;

describe('LmdbEventLog, killed at any moment', () => {
  let dist: string;

  beforeAll(() => {
    // The processes that are killed run compiled code; the tests need no build for that.
    dist = mkdtempSync(join(tmpdir(), 'event-log-kill-dist-'));
    symlinkSync(resolve('node_modules'), join(dist, 'node_modules'));
    const sources = ['libs/domain/src', 'libs/event-log/src'];
    const options = ['--out-dir', dist, '--config-file', '.swcrc', '--ignore', '**/*.spec.ts'];
    execFileSync(process.execPath, ['node_modules/@swc/cli/bin/swc.js', ...sources, ...options], { stdio: 'pipe' });
  }, TIMEOUT_MS);

  afterAll(() => {
    rmSync(dist, { recursive: true, force: true });
  });

  it(
    'loses nothing acknowledged, doubles no output and keeps the order of each key, in two processes side by side',
    () => {
      const run = spawnSync(
        process.execPath,
        ['test/faults/log-kill.mjs', '--dist', dist, '--kills', `${KILLS}`, '--processes', '2'],
        { encoding: 'utf8', timeout: TIMEOUT_MS },
      );
      const result = JSON.parse(run.stdout || '{}') as { faults?: string[]; acked?: number };
      expect({ faults: result.faults, stderr: run.stderr, status: run.status }).toEqual({
        faults: [],
        stderr: '',
        status: 0,
      });
      expect(result.acked).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});
