export type WebhookOutcome = 'delivered' | 'failed' | 'given-up' | 'disabled' | 'postponed';

/** What the action service counts. */
export abstract class ActionMetrics {
  /** An alert's actions came into force so long after its event was accepted. */
  abstract applied(latencyMs: number): void;
  abstract undone(): void;
  /** A record of the topic went to the dead letters. */
  abstract unreadable(topic: string): void;
  abstract streamClients(count: number): void;
  abstract streamClosed(reason: 'gone' | 'slow' | 'stopping'): void;
  abstract webhook(outcome: WebhookOutcome): void;
}
