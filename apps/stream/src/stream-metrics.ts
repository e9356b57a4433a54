import type { Category, Severity } from '@watchkeeper/domain';

/** What the stream counts. */
export abstract class StreamMetrics {
  /** Turns that have scores, and the seconds their batch took. */
  abstract judged(turns: number, seconds: number): void;
  /** Seconds from the acceptance of a turn to its verdict. */
  abstract verdictAge(seconds: number): void;
  abstract alerted(category: Category, severity: Severity): void;
  abstract deadLettered(cause: 'unreadable' | 'unclassified', records: number): void;
  /** An unclassified turn that was judged again later, by what came of it. */
  abstract retried(outcome: 'scored' | 'unclassified' | 'given-up', turns: number): void;
  /** A batch that waits, because the classifier or the policies are out of order. */
  abstract putOff(): void;
}
