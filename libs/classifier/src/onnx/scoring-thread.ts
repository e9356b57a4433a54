import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { TextScores } from './scorer';
import type { ScoringJob, WorkerMessage, WorkerStart } from './worker-protocol';

/** Longer than any healthy machine takes to open the model. */
const START_MS_MAX = 30_000;
/** A thread inside native code cannot be stopped from outside; it is left behind after this time. */
const STOP_MS_MAX = 1_000;

export interface ThreadListener {
  answered(thread: ScoringThread, jobId: number, scores: TextScores): void;
  /** The thread ended without being asked to. */
  lost(thread: ScoringThread, cause: Error): void;
}

/** One worker thread with the model open. */
export class ScoringThread {
  private isStopping = false;

  private constructor(
    private readonly worker: Worker,
    listener: ThreadListener,
  ) {
    worker.on('message', (message: WorkerMessage) => {
      if (message.type === 'scored' && !this.isStopping) listener.answered(this, message.id, message);
    });
    const lose = (cause: Error) => {
      if (this.isStopping) return;
      this.isStopping = true;
      listener.lost(this, cause);
    };
    worker.on('error', lose);
    worker.on('exit', (code) => lose(new Error(`the scoring thread exited with code ${code}`)));
  }

  /** Resolves once the model is open. Throws what kept it from opening. */
  static async start(start: WorkerStart, listener: ThreadListener): Promise<ScoringThread> {
    const worker = new Worker(join(__dirname, 'scoring-worker.js'), { workerData: start, name: 'scoring' });
    try {
      await isReady(worker);
    } catch (cause) {
      void worker.terminate();
      throw cause;
    }
    return new ScoringThread(worker, listener);
  }

  send(job: ScoringJob): void {
    this.worker.postMessage(job);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_MS_MAX);
    });
    await Promise.race([this.worker.terminate(), late]);
    clearTimeout(timer);
  }
}

function isReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => settle(new Error(`the scoring thread did not open the model within ${START_MS_MAX} ms`)),
      START_MS_MAX,
    );
    const settle = (cause?: Error) => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', settle).off('exit', onExit);
      if (cause) reject(cause);
      else resolve();
    };
    const onMessage = (message: WorkerMessage) => {
      if (message.type === 'ready') settle();
    };
    const onExit = (code: number) =>
      settle(new Error(`the scoring thread exited with code ${code} as it opened the model`));
    worker.on('message', onMessage).on('error', settle).on('exit', onExit);
  });
}
