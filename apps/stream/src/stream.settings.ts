/** What the stream needs to know; the composition root says it. */
export abstract class StreamSettings {
  /** Version of the code, part of every verdict. */
  abstract readonly codeVersion: string;
  /** The time, so that tests can set it. */
  abstract readonly now: () => Date;

  /** Records of the events topic judged at once. */
  abstract readonly recordsMax: number;
  /** How often a text is given to the classifier before its turn counts as unclassified. */
  abstract readonly triesMax: number;
  /** Wait before the second try; it doubles with each. */
  abstract readonly tryDelayMs: number;
  /** When a batch of so many turns has no scores at all, the classifier is to blame rather than the texts … */
  abstract readonly suspiciousTurnsMin: number;
  /** … and the batch waits, as often as this; then the texts are set aside all the same. */
  abstract readonly suspiciousRedeliveriesMax: number;

  /** Time between two looks for unclassified turns to judge again. */
  abstract readonly retryIntervalMs: number;
  /** Wait before a set-aside turn is judged again; it quadruples with each try. */
  abstract readonly retryDelayMs: number;
  abstract readonly retriesMax: number;
  /** Unclassified turns kept in mind; more are found once there is room. */
  abstract readonly retriesPendingMax: number;
}

export const STREAM_DEFAULTS = {
  now: () => new Date(),
  recordsMax: 256,
  triesMax: 3,
  tryDelayMs: 50,
  suspiciousTurnsMin: 8,
  suspiciousRedeliveriesMax: 10,
  retryIntervalMs: 15_000,
  retryDelayMs: 30_000,
  retriesMax: 6,
  retriesPendingMax: 10_000,
} as const satisfies Omit<StreamSettings, 'codeVersion'>;
