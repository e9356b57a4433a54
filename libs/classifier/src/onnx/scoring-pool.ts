import { CATEGORIES, DomainError, type Classification, type Scores } from '@watchkeeper/domain';
import { FAILURES, type TextScores } from './scorer';
import { ScoringThread, type ThreadListener } from './scoring-thread';
import { TextQueue, type QueuedText } from './text-queue';
import type { WorkerStart } from './worker-protocol';

export interface PoolSettings {
  readonly workers: number;
  readonly batchMax: number;
  readonly batchDelayMs: number;
  readonly deadlineMs: number;
  /** Told of each thread that is lost or cannot be started. */
  readonly onError?: (error: Error) => void;
}

/** Jobs a thread may hold: one it works on, one that keeps it from waiting for the next. */
const JOBS_PER_THREAD_MAX = 2;
/** Code units of a batch; a longer text goes alone. It bounds the time a batch is given. */
const BATCH_LENGTH_MAX = 200_000;
/** Long texts get more time: this much for each 1,000 code units. */
const DEADLINE_MS_PER_1000 = 10;
/** The texts of a lost batch are run again one by one; once so many are lost again, the rest is given up with them. */
const LOSSES_PER_BATCH_MAX = 3;
const RESTART_DELAY_MS_MIN = 100;
const RESTART_DELAY_MS_MAX = 5_000;

interface Job {
  readonly id: number;
  readonly texts: readonly QueuedText[];
  /** It has its thread for itself: if that is lost, no other text is to blame. */
  readonly isAlone: boolean;
  readonly timer: NodeJS.Timeout;
}

/**
 * Forms batches and hands them to the scoring threads. While a thread has nothing to do, a text goes out at once; otherwise
 * texts wait for company, at most `batchDelayMs`. A thread that hangs or dies is replaced. The texts it had are run
 * again one by one, so that only the one to blame stays without scores.
 */
export class ScoringPool implements ThreadListener {
  private readonly threads = new Map<ScoringThread, Map<number, Job>>();
  private readonly waiting = new TextQueue();
  /** Texts of lost batches: each goes out alone. */
  private readonly suspects = new TextQueue();
  private readonly starting = new Set<Promise<ScoringThread>>();
  private readonly restarts = new Set<NodeJS.Timeout>();
  private pumpTimer: NodeJS.Timeout | undefined;
  private isPumpPlanned = false;
  private isClosed = false;
  private jobs = 0;
  private startFault: Error | undefined;

  private constructor(
    private readonly start: WorkerStart,
    private readonly settings: PoolSettings,
  ) {}

  /** Resolves once every thread has the model open. */
  static async open(start: WorkerStart, settings: PoolSettings): Promise<ScoringPool> {
    const pool = new ScoringPool(start, settings);
    const started = await Promise.allSettled(Array.from({ length: settings.workers }, () => pool.addThread()));
    const failed = started.find((thread) => thread.status === 'rejected');
    if (failed) {
      await pool.close();
      throw failed.reason;
    }
    return pool;
  }

  get waitingTexts(): number {
    return this.waiting.size + this.suspects.size;
  }

  get waitingLength(): number {
    return this.waiting.length + this.suspects.length;
  }

  /** Why there is no thread to score with and none on its way, if so. */
  get fault(): Error | undefined {
    return this.threads.size === 0 ? this.startFault : undefined;
  }

  add(texts: readonly QueuedText[]): void {
    for (const text of texts) this.waiting.push(text);
    if (this.isPumpPlanned) return;
    // Calls made in the same turn of the event loop share a batch.
    this.isPumpPlanned = true;
    queueMicrotask(() => {
      this.isPumpPlanned = false;
      this.pump();
    });
  }

  answered(thread: ScoringThread, jobId: number, result: TextScores): void {
    const jobs = this.threads.get(thread);
    const job = jobs?.get(jobId);
    if (!job) return;
    clearTimeout(job.timer);
    jobs?.delete(jobId);
    // The thread gets its next job first: it works while the answers go out.
    this.pump();
    job.texts.forEach((text, at) => text.settle(classificationOf(result, at)));
  }

  lost(thread: ScoringThread, cause: Error): void {
    this.settings.onError?.(new DomainError('scoring-thread', 'a scoring thread died and is replaced', { cause }));
    this.replace(thread, (job) => this.suspect(job, 'the scoring thread died'));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.pumpTimer);
    for (const timer of this.restarts) clearTimeout(timer);
    for (const jobs of this.threads.values()) {
      for (const job of jobs.values()) this.abandon(job);
      // An answer that still comes finds no job.
      jobs.clear();
    }
    this.giveUpWaiting('the classifier was closed');
    const late = await Promise.allSettled(this.starting);
    const started = late.flatMap((thread) => (thread.status === 'fulfilled' ? [thread.value] : []));
    await Promise.all([...this.threads.keys(), ...started].map((thread) => thread.stop()));
    this.threads.clear();
  }

  private abandon(job: Job): void {
    clearTimeout(job.timer);
    for (const text of job.texts) text.settle(unclassified('the classifier was closed'));
  }

  private pump(): void {
    clearTimeout(this.pumpTimer);
    this.pumpTimer = undefined;
    if (this.isClosed) return;
    for (const [thread, jobs] of this.threads) {
      if (jobs.size > 0) continue;
      const suspect = this.nextSuspect();
      if (suspect) this.send(thread, jobs, { texts: [suspect], isAlone: true });
    }
    // While suspects wait, threads run dry: a suspect needs one for itself.
    const jobsMax = this.suspects.size > 0 ? 1 : JOBS_PER_THREAD_MAX;
    for (let jobsHeld = 0; jobsHeld < jobsMax; jobsHeld++) {
      for (const [thread, jobs] of this.threads) {
        if (jobs.size !== jobsHeld || isReserved(jobs)) continue;
        const texts = this.nextBatch(jobsHeld > 0);
        if (texts.length === 0) return;
        this.send(thread, jobs, { texts, isAlone: false });
      }
    }
  }

  /** What goes out next. With `isForBusyThread`, texts may still wait for company. */
  private nextBatch(isForBusyThread: boolean): QueuedText[] {
    const { first } = this.waiting;
    if (!first) return [];
    const waitMs = first.queuedAtMs + this.settings.batchDelayMs - performance.now();
    if (isForBusyThread && this.waiting.size < this.settings.batchMax && waitMs > 0) {
      this.pumpTimer ??= setTimeout(() => this.pump(), Math.ceil(waitMs));
      return [];
    }
    return this.waiting.take(this.settings.batchMax, BATCH_LENGTH_MAX);
  }

  private nextSuspect(): QueuedText | undefined {
    for (;;) {
      const [suspect] = this.suspects.take(1);
      if (!suspect) return undefined;
      if ((suspect.isolation?.losses ?? 0) < LOSSES_PER_BATCH_MAX) return suspect;
      suspect.settle(unclassified('deadline'));
    }
  }

  private send(thread: ScoringThread, jobs: Map<number, Job>, work: Pick<Job, 'texts' | 'isAlone'>): void {
    const { texts } = work;
    const id = ++this.jobs;
    const timer = setTimeout(() => this.expire(thread, id), deadlineMs(this.settings, texts));
    jobs.set(id, { ...work, id, timer });
    thread.send({
      id,
      texts: texts.map(({ text }) => text),
      roleTokens: Uint8Array.from(texts, ({ roleToken }) => roleToken),
    });
  }

  private expire(thread: ScoringThread, jobId: number): void {
    this.settings.onError?.(new DomainError('scoring-thread', 'a scoring thread passed its deadline and is replaced'));
    this.replace(thread, (job) => {
      if (job.id === jobId) this.suspect(job, 'deadline');
      else this.waiting.putBack(job.texts);
    });
    void thread.stop();
  }

  private suspect(job: Job, reason: string): void {
    if (job.isAlone) {
      for (const text of job.texts) {
        if (text.isolation) text.isolation.losses++;
        text.settle(unclassified(reason));
      }
      return;
    }
    const isolation = { losses: 0 };
    for (const text of job.texts) {
      text.isolation = isolation;
      this.suspects.push(text);
    }
  }

  private replace(thread: ScoringThread, dispose: (job: Job) => void): void {
    const jobs = this.threads.get(thread);
    if (!jobs || this.isClosed) return;
    this.threads.delete(thread);
    for (const job of jobs.values()) {
      clearTimeout(job.timer);
      dispose(job);
    }
    this.restart(RESTART_DELAY_MS_MIN);
    this.pump();
  }

  private async addThread(): Promise<void> {
    const starting = ScoringThread.start(this.start, this);
    this.starting.add(starting);
    const thread = await starting.finally(() => this.starting.delete(starting));
    // One that is ready too late is stopped by `close`, which waits for it.
    if (this.isClosed) return;
    this.threads.set(thread, new Map());
    this.startFault = undefined;
    this.pump();
  }

  private restart(delayMs: number): void {
    this.addThread().catch((cause: unknown) => {
      if (this.isClosed) return;
      this.startFault = new DomainError('classifier-down', 'a scoring thread could not be started', { cause });
      this.settings.onError?.(this.startFault);
      if (this.threads.size === 0) this.giveUpWaiting('no scoring thread');
      const timer = setTimeout(() => {
        this.restarts.delete(timer);
        this.restart(Math.min(delayMs * 2, RESTART_DELAY_MS_MAX));
      }, delayMs);
      this.restarts.add(timer);
    });
  }

  private giveUpWaiting(reason: string): void {
    for (const queue of [this.suspects, this.waiting]) {
      for (const text of queue.take(queue.size)) text.settle(unclassified(reason));
    }
  }
}

function isReserved(jobs: ReadonlyMap<number, Job>): boolean {
  return [...jobs.values()].some(({ isAlone }) => isAlone);
}

function deadlineMs(settings: PoolSettings, texts: readonly QueuedText[]): number {
  const length = texts.reduce((sum, { text }) => sum + text.length, 0);
  return settings.deadlineMs + Math.ceil((length / 1_000) * DEADLINE_MS_PER_1000);
}

function unclassified(reason: string): Classification {
  return { outcome: 'unclassified', reason };
}

function classificationOf({ scores, failures }: TextScores, text: number): Classification {
  switch (failures[text]) {
    case FAILURES.none:
      return { outcome: 'scored', scores: scoresOf(scores, text * CATEGORIES.length) };
    case FAILURES.threw:
      return unclassified('inference failed');
    case FAILURES.badScore:
      return unclassified('a score was not a number in 0..1');
    case FAILURES.tooLong:
      return unclassified('too long');
    default:
      return unclassified('no answer');
  }
}

function scoresOf(all: Float32Array, offset: number): Scores {
  return Object.fromEntries(CATEGORIES.map((category, at) => [category, all[offset + at] ?? Number.NaN])) as Scores;
}
