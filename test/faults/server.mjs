// A server to kill: started as users start it, on a folder that stays.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from './load.mjs';

const READY_MS_MAX = 60_000;

export class Victim {
  #child;
  address = { url: 'http://127.0.0.1:9', key: 'none' };
  starts = [];
  output = '';

  constructor(dataDir) {
    this.dataDir = dataDir;
  }

  get isRunning() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves to true when ready, to false when it died before (a failpoint of the start, say). */
  async start(failpoint) {
    const startedAt = Date.now();
    const child = spawn(
      process.execPath,
      ['bin/watchkeeper.js', 'serve', '--data', this.dataDir, '--port', '0', '--log-level', 'warn'],
      {
        env: {
          ...process.env,
          WATCHKEEPER_LAND_INTERVAL_MS: '200',
          WATCHKEEPER_REFRESH_INTERVAL_MS: '300',
          ...(failpoint && { WATCHKEEPER_FAILPOINT: failpoint }),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes) => (this.output = (this.output + bytes).slice(-20_000)));
    while (this.isRunning) {
      if (this.#read(child.pid) && (await fetch(`${this.address.url}/readyz`).catch(() => undefined))?.ok) {
        this.starts.push(Date.now() - startedAt);
        return true;
      }
      if (Date.now() - startedAt > READY_MS_MAX) throw new Error(`not ready in ${READY_MS_MAX} ms:\n${this.output}`);
      await pause(25);
    }
    if (child.exitCode !== null && child.signalCode === null)
      throw new Error(`the server ended by itself with ${child.exitCode}:\n${this.output}`);
    return false;
  }

  async end(signal) {
    if (!this.isRunning) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill(signal);
    await ended;
  }

  /** Resolves once it is dead, or after `ms`; true when it died. */
  async died(ms) {
    for (const until = Date.now() + ms; Date.now() < until; await pause(10)) if (!this.isRunning) return true;
    return !this.isRunning;
  }

  #read(pid) {
    try {
      const file = JSON.parse(readFileSync(join(this.dataDir, 'server.json'), 'utf8'));
      if (file.pid !== pid) return false;
      this.address = { url: file.url, key: readFileSync(join(this.dataDir, 'admin.key'), 'utf8').trim() };
      return true;
    } catch {
      return false;
    }
  }
}
