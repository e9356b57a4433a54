/** Buckets of the linear model: unigrams keep their vocabulary id, bigrams are hashed among them. */
export const BUCKETS = 2 ** 19;
/** The index that pads a row; its weights are zero. */
export const PADDING = BUCKETS;

const CLS = 101;
const SEP = 102;
const TABLE_SIZE = 2_048;

/** Upper bound of features of a window of so many ids: with [CLS], the role and [SEP], each alone and each pair. */
export function slotsMax(tokens: number): number {
  return 2 * (tokens + 3) - 1;
}

/**
 * Counts the 1- and 2-grams of one window. The model's input is, per distinct index, 1 + ln(count).
 * Holds scratch memory: one window at a time.
 */
export class FeatureCounter {
  private readonly slots = new Int32Array(TABLE_SIZE);
  private readonly stamps = new Int32Array(TABLE_SIZE);
  private readonly counts: Int32Array;
  private readonly logs: Float32Array;
  private stamp = 0;
  private used = 0;

  constructor(tokensMax: number) {
    const most = slotsMax(tokensMax);
    if (most > TABLE_SIZE / 2) throw new RangeError(`windows of ${tokensMax} tokens do not fit the feature table`);
    this.counts = new Int32Array(most);
    this.logs = Float32Array.from({ length: most + 1 }, (_, count) => (count === 0 ? 0 : 1 + Math.log(count)));
  }

  /** Writes the features of [CLS] role ids… [SEP] from `offset` on; gives how many there are. */
  count(ids: readonly number[], roleToken: number, into: FeatureRows, offset: number): number {
    this.begin();
    let previous = CLS;
    this.add(CLS, into.indices, offset);
    for (let at = -1; at <= ids.length; at++) {
      // Position -1 is the role, the one behind the last is [SEP].
      const id = at < 0 ? roleToken : (ids[at] ?? SEP);
      this.add(id, into.indices, offset);
      this.add((Math.imul(previous, 1_000_003) ^ Math.imul(id, 8_191)) & (BUCKETS - 1), into.indices, offset);
      previous = id;
    }
    for (let slot = 0; slot < this.used; slot++) into.values[offset + slot] = this.logs[this.counts[slot] ?? 0] ?? 0;
    return this.used;
  }

  private begin(): void {
    this.used = 0;
    this.stamp = (this.stamp + 1) | 0;
  }

  private add(index: number, indices: Int32Array, offset: number): void {
    const { slots, stamps, counts } = this;
    let at = (Math.imul(index, 0x9e3779b1) >>> 21) & (TABLE_SIZE - 1);
    while (stamps[at] === this.stamp) {
      const slot = slots[at] ?? 0;
      if (indices[offset + slot] === index) {
        counts[slot] = (counts[slot] ?? 0) + 1;
        return;
      }
      at = (at + 1) & (TABLE_SIZE - 1);
    }
    stamps[at] = this.stamp;
    slots[at] = this.used;
    indices[offset + this.used] = index;
    counts[this.used] = 1;
    this.used++;
  }
}

/** Features of several windows, side by side in flat arrays. */
export interface FeatureRows {
  readonly indices: Int32Array;
  readonly values: Float32Array;
}
