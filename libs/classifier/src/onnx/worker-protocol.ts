import type { ScorerSettings, ScoringTask, TextScores } from './scorer';

/** What a scoring worker is started with. The model's bytes are shared; they were verified before. */
export interface WorkerStart {
  readonly model: SharedArrayBuffer;
  readonly vocabulary: string;
  readonly scorer: ScorerSettings;
  /** Path of the CommonJS module that opens the model; default: onnxruntime. */
  readonly sessionModule?: string;
}

/** Main thread to worker. */
export interface ScoringJob extends ScoringTask {
  readonly id: number;
}

/** Worker to main thread: first `ready`, then an answer per job, in the order they are done. */
export type WorkerMessage =
  { readonly type: 'ready' } | ({ readonly type: 'scored'; readonly id: number } & TextScores);
