import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { WORKER_STOP, WORKER_UP, type WorkerOrders } from './worker-orders';

/** The worker thread: PGlite on its folder, behind a unix socket, until it is told to stop. */

/** As little memory as a few thousand rows need; the defaults are for a server with a machine of its own. */
const LEAN = {
  shared_buffers: '2MB',
  wal_buffers: '64kB',
  max_connections: '5',
  max_wal_size: '16MB',
  min_wal_size: '2MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_replication_slots: '0',
  autovacuum_worker_slots: '1',
  wal_recycle: 'off',
};
const INITDB = ['--wal-segsize=1', '--set', 'wal_recycle=off'];
/** In single-user mode the log is cut by nobody but us; its length is the time a restart takes after a crash. */
const CHECKPOINT_EVERY_MS = 300_000;

async function run({ dataDir, socketPath }: WorkerOrders): Promise<void> {
  const database = await PGlite.create(dataDir, {
    startParams: [
      ...PGlite.defaultStartParams,
      ...Object.entries(LEAN).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    initDbStartParams: INITDB,
  });
  const server = new PGLiteSocketServer({ db: database, path: socketPath, maxConnections: 4 });
  await server.start();
  const timer = setInterval(() => void database.exec('CHECKPOINT').catch(() => undefined), CHECKPOINT_EVERY_MS);
  parentPort?.on('message', (message) => {
    if (message !== WORKER_STOP) return;
    clearInterval(timer);
    // Order: no more questions, then a checkpoint, so that the next start has nothing to recover.
    void server
      .stop()
      .then(() => database.close())
      .finally(() => process.exit(0));
  });
  parentPort?.postMessage(WORKER_UP);
}

void run(workerData as WorkerOrders);
