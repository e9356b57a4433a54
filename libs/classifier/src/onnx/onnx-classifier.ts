import { availableParallelism } from 'node:os';
import { CATEGORIES, DomainError, type Classification, type SafetyModel } from '@watchkeeper/domain';
import { Classifier, type ClassifierInput, type RecommendedThresholds } from '../classifier';
import { readModelFiles, type ModelFiles } from './model-files';
import { ScoringPool } from './scoring-pool';
import type { WorkerStart } from './worker-protocol';

export interface OnnxClassifierSettings {
  /** Folder of model.onnx, vocab.txt and labels.json. */
  readonly modelDir: string;
  /** Threads, each with the model open; default: one less than the cores. */
  readonly workers?: number;
  /** Texts of a batch and windows of a run of the model. */
  readonly batchMax?: number;
  /** Longest wait for company while all threads are busy. */
  readonly batchDelayMs?: number;
  /** A batch that takes longer (plus 10 ms for each 1,000 code units) is given up and its thread replaced. */
  readonly deadlineMs?: number;
  /** Texts that may wait; more are refused with `overloaded`. */
  readonly queueMax?: number;
  /** Windows of one text. The default covers 1,000,000 code units of any script. */
  readonly windowsMax?: number;
  /** Told of each thread that is lost and replaced, e.g. to log it. Never holds text. */
  readonly onError?: (error: Error) => void;
  /** A CommonJS module whose `openSession` takes the place of onnxruntime's, e.g. one that fails on purpose. */
  readonly sessionModule?: string;
}

const DEFAULTS = { batchMax: 64, batchDelayMs: 3, deadlineMs: 2_000, queueMax: 8_192, windowsMax: 16_384 } as const;
/** Code units of all waiting texts; one call is always let in when none wait. */
const QUEUE_LENGTH_MAX = 64_000_000;
const CHECK_TEXT = 'The lighthouse keeper wrote the day into her log.';

/** The hashed WordPiece 1- and 2-gram model in onnxruntime, on worker threads: texts in, calibrated scores out. */
export class OnnxClassifier extends Classifier {
  readonly model: SafetyModel;
  readonly recommendedThresholds: RecommendedThresholds;
  private isClosed = false;

  private constructor(
    private readonly pool: ScoringPool,
    private readonly files: Pick<ModelFiles, 'model' | 'recommendedThresholds' | 'roleTokens'>,
    private readonly queueMax: number,
  ) {
    super();
    this.model = files.model;
    this.recommendedThresholds = files.recommendedThresholds;
  }

  /** Verifies the model's files, opens it in every thread and scores a first text. Throws `bad-model` with the file and the reason. */
  static async open(settings: OnnxClassifierSettings): Promise<OnnxClassifier> {
    const { bytes, vocabulary, ...files } = await readModelFiles(settings.modelDir);
    const { queueMax, ...pool } = { workers: Math.max(1, availableParallelism() - 1), ...DEFAULTS, ...settings };
    const start: WorkerStart = {
      model: shared(bytes),
      vocabulary,
      scorer: {
        window: files.window,
        categories: CATEGORIES.length,
        rowsMax: pool.batchMax,
        windowsMax: pool.windowsMax,
      },
      ...(settings.sessionModule !== undefined && { sessionModule: settings.sessionModule }),
    };
    try {
      const classifier = new OnnxClassifier(await ScoringPool.open(start, pool), files, queueMax);
      await classifier.check().catch(async (cause: unknown) => {
        await classifier.close();
        throw cause;
      });
      return classifier;
    } catch (cause) {
      throw new DomainError('bad-model', `${settings.modelDir}/model.onnx cannot be run: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  async classify(inputs: readonly ClassifierInput[]): Promise<readonly Classification[]> {
    this.refuseWhenClosed();
    if (inputs.length === 0) return [];
    const length = inputs.reduce((sum, { text }) => sum + text.length, 0);
    const { waitingTexts, waitingLength } = this.pool;
    if (
      waitingTexts + inputs.length > this.queueMax ||
      (waitingTexts > 0 && waitingLength + length > QUEUE_LENGTH_MAX)
    ) {
      throw new DomainError(
        'overloaded',
        `the classifier has ${waitingTexts} texts waiting; ${this.queueMax} may wait`,
      );
    }
    return this.enqueue(inputs);
  }

  async check(): Promise<void> {
    this.refuseWhenClosed();
    const { fault } = this.pool;
    if (fault) throw new DomainError('classifier-down', 'the classifier cannot score at present', { cause: fault });
    // Past the bound of the queue on purpose: an overloaded classifier is not a broken one.
    const [answer] = await this.enqueue([{ text: CHECK_TEXT, role: 'user' }]);
    if (answer?.outcome === 'unclassified') {
      throw new DomainError('classifier-down', `the classifier cannot score at present: ${answer.reason}`);
    }
  }

  /** Texts still waiting are answered `unclassified`. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.pool.close();
  }

  private enqueue(inputs: readonly ClassifierInput[]): Promise<readonly Classification[]> {
    return new Promise((resolve) => {
      const answers: Classification[] = Array.from({ length: inputs.length });
      let open = inputs.length;
      const queuedAtMs = performance.now();
      this.pool.add(
        inputs.map(({ text, role }, at) => ({
          text,
          roleToken: this.files.roleTokens[role],
          queuedAtMs,
          settle: (classification) => {
            answers[at] = classification;
            if (--open === 0) resolve(answers);
          },
        })),
      );
    });
  }

  private refuseWhenClosed(): void {
    if (this.isClosed) throw new DomainError('classifier-closed', 'the classifier is closed');
  }
}

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}

// By its shape: an error out of a worker may be of another realm.
function messageOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : 'unknown cause';
}
