import type { Category, Classification, SafetyModel } from '@watchkeeper/domain';

export interface ClassifierInput {
  readonly text: string;
  /** Who said it; tool and system count as user. */
  readonly role: 'user' | 'assistant';
}

export type RecommendedThresholds = Readonly<Record<Category, Readonly<Record<ClassifierInput['role'], number>>>>;

/**
 * Calibrated scores for texts. Every adapter keeps these promises (test/contracts/classifier.contract.ts):
 *  1. one answer per input, in their order; every score is a finite number in 0..1, for every category;
 *  2. what cannot be scored (NaN, a throw, a hang past its deadline) is `unclassified` with a reason, never a low score;
 *  3. one bad text does not change the answers of its neighbours;
 *  4. the same text and role give the same scores, alone or in any batch, within 1e-6;
 *  5. a harmful passage is found wherever it stands in a long text;
 *  6. `open` throws, saying which file and why, when the model is missing, cut short or not the one named by its checksum;
 *  7. after `close`, nothing runs any more and further calls are refused.
 */
export abstract class Classifier {
  /** The model in use: part of every verdict. */
  abstract readonly model: SafetyModel;

  abstract classify(inputs: readonly ClassifierInput[]): Promise<readonly Classification[]>;

  /** The thresholds the model card recommends per category and role (for showing, not for judging). */
  abstract readonly recommendedThresholds: RecommendedThresholds;

  /** Throws with the cause when the classifier cannot score at present. */
  abstract check(): Promise<void>;

  abstract close(): Promise<void>;
}
