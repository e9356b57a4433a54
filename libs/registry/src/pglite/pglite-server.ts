import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DomainError } from '@watchkeeper/domain';
import type { PostgresConnection } from '../typeorm';
import { builtFile } from './built-file';
import { FolderLock, SOCKET_NAME, SOCKET_PORT } from './folder-lock';
import { unpackTar } from './tar';
import { WORKER_STOP, type WorkerOrders } from './worker-orders';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
/** A worker that dies is started again once in this time; one that dies again soon would only die for ever. */
const RESTART_EVERY_MS = 600_000;

/** PGlite in a worker thread behind a unix socket. Holds the folder's lock while it runs. */
export class PgliteServer {
  #worker: Worker | undefined;
  #isStopping = false;
  #restartedAt = Number.NEGATIVE_INFINITY;
  #starting: Promise<void> = Promise.resolve();

  private constructor(
    private readonly orders: WorkerOrders,
    private readonly lock: FolderLock,
  ) {}

  /** Order: lock, prepare the folder, start. Throws `registry-in-use`, `registry-unavailable`. */
  static async start(dir: string, templateFile: string): Promise<PgliteServer> {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const lock = FolderLock.acquire(dir);
    try {
      const dataDir = join(dir, 'pg');
      const server = new PgliteServer({ dataDir, socketPath: join(lock.socketDir, SOCKET_NAME) }, lock);
      if (!existsSync(dataDir)) await prepare(dataDir, templateFile);
      await server.#run();
      return server;
    } catch (cause) {
      lock.release();
      throw cause instanceof DomainError ? cause : unavailable(`the database in ${dir} did not start`, cause);
    }
  }

  /** One connection: PGlite has one session, and two that talk at once would mix up their statements. */
  get connection(): PostgresConnection {
    return { host: this.lock.socketDir, port: SOCKET_PORT, user: 'postgres', database: 'postgres', connectionsMax: 1 };
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#starting.catch(() => undefined);
    if (this.#worker) await stopWorker(this.#worker);
    this.lock.release();
  }

  async #run(): Promise<void> {
    rmSync(this.orders.socketPath, { force: true });
    const worker = await startWorker(this.orders);
    this.#worker = worker;
    worker.once('exit', () => {
      this.#worker = undefined;
      this.#restart();
    });
  }

  /** Until it is up again, and for good when it dies again, every question fails with `registry-unavailable`. */
  #restart(): void {
    if (this.#isStopping || Date.now() - this.#restartedAt < RESTART_EVERY_MS) return;
    this.#restartedAt = Date.now();
    this.#starting = this.#run().catch(() => undefined);
  }
}

/** A half-made folder is never taken for a whole one: it gets its name when it is complete. */
async function prepare(dataDir: string, templateFile: string): Promise<void> {
  const unfinished = `${dataDir}.new`;
  await rm(unfinished, { recursive: true, force: true });
  if (existsSync(templateFile)) {
    // Whole, not as a stream: one that fails before it is listened to would end the process. It is about 10 MB.
    const archive = await promisify(gunzip)(await readFile(templateFile));
    await unpackTar(Readable.from([archive]), unfinished);
  } else {
    const worker = await startWorker({ dataDir: unfinished, socketPath: `${unfinished}.sock` });
    await stopWorker(worker);
  }
  renameSync(unfinished, dataDir);
}

async function startWorker(orders: WorkerOrders): Promise<Worker> {
  const worker = new Worker(builtFile('libs/registry/src/pglite/pglite-worker.js'), {
    name: 'pglite',
    workerData: orders,
  });
  // Kept for its whole life: an error nobody listens for would end the process.
  worker.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`it was not up after ${START_TIMEOUT_MS} ms`)), START_TIMEOUT_MS);
    worker.once('message', () => resolve(clearTimeout(timer)));
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('it ended while it started')));
  }).catch(async (cause: unknown) => {
    await worker.terminate();
    throw cause;
  });
  return worker;
}

async function stopWorker(worker: Worker): Promise<void> {
  const ended = new Promise((resolve) => {
    worker.once('exit', resolve);
  });
  worker.postMessage(WORKER_STOP);
  const timer = setTimeout(() => void worker.terminate(), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

function unavailable(message: string, cause: unknown): DomainError {
  return new DomainError('registry-unavailable', message, { cause });
}
