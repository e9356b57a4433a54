import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { OPERATOR_TENANT, SCOPES } from '@watchkeeper/domain';
import { createHttpApp, JsonLogger, Readiness } from '@watchkeeper/platform';
import type { Registry } from '@watchkeeper/registry';
import type { ServerFile } from './server-file';
import { closeAdapters, openAdapters } from './open-adapters';
import { codeVersion } from './package-root';
import type { Settings } from './settings';
import { WatchkeeperModule } from './watchkeeper.module';

const BODIES_PER_BODY = 16;

export interface RunningServer {
  readonly url: string;
  /** Not ready at once; what is under way ends, everything is flushed and closed. */
  stop(): Promise<void>;
}

/** Opens the data folder and serves it. Opens everything or throws with the reason. */
export async function startServer(settings: Settings): Promise<RunningServer> {
  const { dataDir, bodyBytesMax } = settings;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const logger = new JsonLogger(settings.logLevel);
  const adapters = await openAdapters(settings, logger);
  try {
    await ensureAdminKey(dataDir, adapters.registry);
    const app = await createHttpApp(WatchkeeperModule.with(adapters, settings), {
      logger,
      bodyBytesMax,
      bodiesBytesMax: BODIES_PER_BODY * bodyBytesMax,
    });
    await app.listen(settings.port, settings.host);
    const { port } = app.getHttpServer().address() as AddressInfo;
    const url = `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`;
    await writeServerFile(dataDir, {
      url,
      pid: process.pid,
      startedAt: new Date().toISOString(),
      version: codeVersion(),
    });
    logger.log({ message: 'server started', url, tookMs: Math.round(process.uptime() * 1_000) });
    const stop = async () => {
      app.get(Readiness).stopping();
      await rm(join(dataDir, 'server.json'), { force: true });
      await app.close();
      await closeAdapters(adapters);
      logger.log({ message: 'server stopped' });
    };
    let stopped: Promise<void> | undefined;
    return { url, stop: () => (stopped ??= stop()) };
  } catch (error) {
    await closeAdapters(adapters);
    throw error;
  }
}

/** At the first start a key with every scope is made, for whoever can read the data folder. */
async function ensureAdminKey(dataDir: string, registry: Registry): Promise<void> {
  const path = join(dataDir, 'admin.key');
  const known = await readKey(path);
  if (known !== undefined && (await registry.authenticate(known))) return;
  const { key } = await registry.createKey({ tenant: OPERATOR_TENANT, name: 'admin', scopes: SCOPES });
  await writeFile(path, `${key}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
}

function readKey(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

async function writeServerFile(dataDir: string, file: ServerFile): Promise<void> {
  const path = join(dataDir, 'server.json');
  await writeFile(`${path}.new`, JSON.stringify(file));
  await rename(`${path}.new`, path);
}
