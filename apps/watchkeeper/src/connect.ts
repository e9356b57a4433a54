import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WatchkeeperClient } from './client';
import { serverFileSchema, type ServerFile } from './server-file';
import { CommandFailed, EXIT } from './exit-codes';
import type { Settings } from './settings';

export interface Connection {
  readonly client: WatchkeeperClient;
  /** Ends what this connection started; leaves a server that was there before alone. */
  close(): Promise<void>;
}

/** The server that runs on the data folder, if there is one. */
export async function runningServer(dataDir: string): Promise<ServerFile | undefined> {
  const text = await readFile(join(dataDir, 'server.json'), 'utf8').catch(() => undefined);
  const parsed = text === undefined ? undefined : serverFileSchema.safeParse(safeJson(text));
  if (!parsed?.success || !isAlive(parsed.data.pid)) return undefined;
  const answer = await fetch(`${parsed.data.url}/healthz`, { signal: AbortSignal.timeout(2_000) }).catch(
    () => undefined,
  );
  return answer?.ok ? parsed.data : undefined;
}

/** Talks to the server on the data folder, or opens the folder itself for as long as the command takes. */
export async function connect(settings: Settings): Promise<Connection> {
  const server = await runningServer(settings.dataDir);
  if (server)
    return { client: new WatchkeeperClient(server.url, await adminKey(settings.dataDir)), close: async () => {} };
  // Loaded only here: most commands talk to a server and need no adapter.
  const { startServer } = await import('./start-server.js');
  const own = await startServer({
    ...settings,
    host: '127.0.0.1',
    port: 0,
    logLevel: settings.logLevel === 'info' ? 'error' : settings.logLevel,
  });
  return { client: new WatchkeeperClient(own.url, await adminKey(settings.dataDir)), close: () => own.stop() };
}

export async function adminKey(dataDir: string): Promise<string> {
  const path = join(dataDir, 'admin.key');
  const key = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CommandFailed(
      EXIT.unavailable,
      `cannot read ${path}: run the command as the user who started the server`,
      { cause },
    );
  });
  return key.trim();
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
