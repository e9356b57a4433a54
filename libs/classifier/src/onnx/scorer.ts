import { FeatureCounter, PADDING, slotsMax, type FeatureRows } from './features';
import type { FeatureBatch, ScoringSession } from './scoring-session';
import { windowsOf, type WindowShape } from './windows';
import type { WordPiece } from './wordpiece';

/** Why a text has no scores, as sent from worker to main thread; 0 is scored. */
export const FAILURES = { none: 0, threw: 1, badScore: 2, tooLong: 3 } as const;

export interface ScorerSettings {
  readonly window: WindowShape;
  /** Scores per row. */
  readonly categories: number;
  /** Windows of one run of the model. */
  readonly rowsMax: number;
  /** Windows of one text; a text with more is not scored in part but reported. */
  readonly windowsMax: number;
}

/** Scores of texts, `categories` a text, and per text one of FAILURES. */
export interface TextScores {
  readonly scores: Float32Array<ArrayBuffer>;
  readonly failures: Uint8Array<ArrayBuffer>;
}

export interface ScoringTask {
  readonly texts: readonly string[];
  /** The vocabulary id that stands for who said it, per text. */
  readonly roleTokens: Uint8Array;
}

/** Rows wider than this share of a run's narrowest row, or this many slots, start a run of their own. */
const WIDTH_RATIO_MAX = 1.5;
const WIDTH_SLACK_SLOTS = 48;

/** Texts in, scores out: tokenise, count features, run the model, keep the highest score of a text's windows. */
export class Scorer {
  private readonly counter: FeatureCounter;
  private readonly spare: Staging[] = [];

  constructor(
    private readonly wordPiece: WordPiece,
    private readonly session: ScoringSession,
    private readonly settings: ScorerSettings,
  ) {
    this.counter = new FeatureCounter(settings.window.tokens);
  }

  /** What fails among others is run once more alone, so that a text answers for itself only. */
  async score(task: ScoringTask): Promise<TextScores> {
    const texts = task.texts.length;
    const result: TextScores = {
      scores: new Float32Array(texts * this.settings.categories),
      failures: new Uint8Array(texts),
    };
    await this.pass(task, 0, texts, result);
    for (let text = 0; text < texts; text++) {
      if (result.failures[text] === FAILURES.none || result.failures[text] === FAILURES.tooLong) continue;
      result.failures[text] = FAILURES.none;
      await this.pass(task, text, text + 1, result);
    }
    return result;
  }

  private async pass(task: ScoringTask, first: number, end: number, result: TextScores): Promise<void> {
    const staging = this.spare.pop() ?? new Staging(this.settings);
    staging.clear();
    for (let text = first; text < end; text++) {
      let windows = 0;
      for (const ids of windowsOf(task.texts[text] ?? '', this.wordPiece, this.settings.window)) {
        if (++windows > this.settings.windowsMax) {
          result.failures[text] = FAILURES.tooLong;
          break;
        }
        staging.add(text, this.counter, ids, task.roleTokens[text] ?? 0);
        if (staging.isFull()) await this.runStaged(staging, result);
      }
    }
    await this.runStaged(staging, result);
    this.spare.push(staging);
  }

  private async runStaged(staging: Staging, result: TextScores): Promise<void> {
    for (const rows of staging.groups()) {
      const outcome = await this.run(staging.pack(rows));
      rows.forEach((row, at) => fold(outcome, at, staging.textOf(row), result, this.settings.categories));
    }
    staging.clear();
  }

  private async run(batch: FeatureBatch): Promise<Float32Array | undefined> {
    try {
      const scores = await this.session.run(batch);
      return scores.length === batch.rows * this.settings.categories ? scores : undefined;
    } catch {
      // The cause may quote its input; which text it was is found by running each alone.
      return undefined;
    }
  }
}

function fold(rows: Float32Array | undefined, row: number, text: number, result: TextScores, categories: number): void {
  if (!rows) {
    result.failures[text] = FAILURES.threw;
    return;
  }
  for (let category = 0; category < categories; category++) {
    const score = rows[row * categories + category] ?? Number.NaN;
    // Written so that NaN fails too.
    if (!(score >= 0 && score <= 1)) result.failures[text] = FAILURES.badScore;
    const at = text * categories + category;
    if (score > (result.scores[at] ?? 0)) result.scores[at] = score;
  }
}

/** Windows waiting for their run, and the memory that runs are packed in. Belongs to one pass at a time. */
class Staging implements FeatureRows {
  readonly indices: Int32Array;
  readonly values: Float32Array;
  private readonly packedIndices: Int32Array;
  private readonly packedValues: Float32Array;
  private readonly width: number;
  private readonly slots: Int32Array;
  private readonly texts: Int32Array;
  private rows = 0;

  constructor(private readonly settings: ScorerSettings) {
    this.width = slotsMax(settings.window.tokens);
    const size = settings.rowsMax * this.width;
    this.indices = new Int32Array(size);
    this.values = new Float32Array(size);
    this.packedIndices = new Int32Array(size);
    this.packedValues = new Float32Array(size);
    this.slots = new Int32Array(settings.rowsMax);
    this.texts = new Int32Array(settings.rowsMax);
  }

  clear(): void {
    this.rows = 0;
  }

  isFull(): boolean {
    return this.rows === this.settings.rowsMax;
  }

  textOf(row: number): number {
    return this.texts[row] ?? 0;
  }

  add(text: number, counter: FeatureCounter, ids: readonly number[], roleToken: number): void {
    this.slots[this.rows] = counter.count(ids, roleToken, this, this.rows * this.width);
    this.texts[this.rows] = text;
    this.rows++;
  }

  /** The rows by width, cut into runs in which little is padding. */
  groups(): number[][] {
    const slotsOf = (row: number) => this.slots[row] ?? 0;
    const byWidth = Array.from({ length: this.rows }, (_, row) => row).toSorted((a, b) => slotsOf(a) - slotsOf(b));
    const groups: number[][] = [];
    let widest = -1;
    for (const row of byWidth) {
      const group = groups.at(-1);
      if (group && slotsOf(row) <= widest) {
        group.push(row);
      } else {
        groups.push([row]);
        widest = Math.max(slotsOf(row) * WIDTH_RATIO_MAX, slotsOf(row) + WIDTH_SLACK_SLOTS);
      }
    }
    return groups;
  }

  /** One run; valid until the next call. `rows` are in the order of their width. */
  pack(rows: readonly number[]): FeatureBatch {
    const slots = this.slots[rows.at(-1) ?? 0] ?? 0;
    rows.forEach((row, at) => {
      const from = row * this.width;
      const used = this.slots[row] ?? 0;
      const to = at * slots;
      this.packedIndices.set(this.indices.subarray(from, from + used), to);
      this.packedIndices.fill(PADDING, to + used, to + slots);
      this.packedValues.set(this.values.subarray(from, from + used), to);
      this.packedValues.fill(0, to + used, to + slots);
    });
    const size = rows.length * slots;
    return {
      indices: this.packedIndices.subarray(0, size),
      values: this.packedValues.subarray(0, size),
      rows: rows.length,
      slots,
    };
  }
}
