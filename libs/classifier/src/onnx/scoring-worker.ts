import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { openSession } from './onnx-session';
import { Scorer } from './scorer';
import type { ScoringSessionModule } from './scoring-session';
import { WordPiece } from './wordpiece';
import type { ScoringJob, WorkerMessage, WorkerStart } from './worker-protocol';

/** Entry of a worker thread: jobs in, scores out. What throws here ends the worker, and the main thread starts another. */
async function serve(start: WorkerStart): Promise<void> {
  const sessions = start.sessionModule
    ? (createRequire(__filename)(start.sessionModule) as ScoringSessionModule)
    : { openSession };
  // onnxruntime takes no shared memory, so each worker has a copy while it opens the model.
  const session = await sessions.openSession(new Uint8Array(start.model).slice());
  const scorer = new Scorer(new WordPiece(start.vocabulary), session, start.scorer);
  // Jobs are not queued here: while a long text is between two runs, a short one behind it is scored.
  parentPort?.on('message', (job: ScoringJob) => void answer(scorer, job));
  post({ type: 'ready' });
}

async function answer(scorer: Scorer, job: ScoringJob): Promise<void> {
  const result = await scorer.score(job);
  post({ type: 'scored', id: job.id, ...result }, [result.scores.buffer, result.failures.buffer]);
}

function post(message: WorkerMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

void serve(workerData as WorkerStart);
