// A server of its own for a benchmark, on a fresh folder.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function startServer(env = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'watchkeeper-bench-'));
  const child = spawn(
    process.execPath,
    ['bin/watchkeeper.js', 'serve', '--data', dataDir, '--port', '0', '--log-level', 'error'],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    },
  );
  for (const until = Date.now() + 60_000; Date.now() < until; await pause(50)) {
    const found = addressIn(dataDir);
    if (found && (await fetch(`${found.url}/readyz`).catch(() => undefined))?.ok)
      return { ...found, pid: child.pid, stop };
  }
  throw new Error('the server was not ready in 60 s');

  async function stop() {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function addressIn(dataDir) {
  try {
    const { url } = JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8'));
    return { url, key: readFileSync(join(dataDir, 'admin.key'), 'utf8').trim(), dataDir };
  } catch {
    return undefined;
  }
}

/** Resident memory of a process, MiB. */
export function residentMib(pid) {
  const pages = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  return Math.round(pages / 1024);
}

/** CPU seconds a process has used, user and system. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function quantile(values, q) {
  const sorted = Float64Array.from(values).toSorted();
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
}
