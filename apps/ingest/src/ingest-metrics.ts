/** What the door counts. */
export abstract class IngestMetrics {
  abstract received(
    kind: 'event' | 'evaluation' | 'model',
    result: 'accepted' | 'duplicate' | 'conflict' | 'invalid',
    count: number,
  ): void;
  /** Seconds from the first byte judged to the durable answer. */
  abstract acknowledged(seconds: number): void;
  abstract refused(reason: 'quota' | 'overload'): void;
}
