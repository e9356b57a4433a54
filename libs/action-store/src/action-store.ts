import type { Action, ActionChange, Alert, AppliedAlert, Category, Severity } from '@watchkeeper/domain';

/** What applying an alert did. */
export interface Applied {
  /** false when the alert was applied before: nothing has changed, and `alert` is as it was then. */
  readonly isFirst: boolean;
  readonly alert: AppliedAlert;
  readonly actions: readonly Action[];
}

export interface AlertFilter {
  readonly category?: Category;
  readonly severityFrom?: Severity;
  readonly userId?: string;
  readonly conversationId?: string;
  readonly eventId?: string;
  /** Bounds on appliedAt, ms: from inclusive, to exclusive. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface AlertPage {
  /** Newest first. */
  readonly alerts: readonly AppliedAlert[];
  /** Opaque; absent on the last page. */
  readonly next?: string;
}

/** A webhook call that is still to be made. */
export interface Delivery {
  readonly id: string;
  readonly tenant: string;
  readonly endpointId: string;
  /** The body, byte for byte the same at each attempt. */
  readonly body: string;
  /** Calls made so far; whoever settles says how many. */
  readonly attempts: number;
  readonly dueAtMs: number;
}

/** An action and, when it was undone, the first undo. */
export type KnownAction = Action & { readonly undoneAt?: string; readonly undoneReason?: string };

/**
 * The actions in force, the alerts behind them, and the webhook calls still to be made. Can be lost: it is rebuilt from the log.
 * Promises (test/contracts/action-store.contract.ts):
 *  1. applying an alert again, at once or much later, changes nothing and says so;
 *  2. once `apply` resolves, `inForce` shows the actions, also after `kill -9`;
 *  3. an action past its expiry is not in force, whoever asks, without anyone having removed it;
 *  4. an undone action is not in force and does not come back when its alert is delivered again;
 *  5. one tenant never sees another's actions or alerts;
 *  6. alerts are listed newest first, pages neither skip nor repeat while new ones arrive;
 *  7. `replay` of every change in the log, in any grouping, gives the same state as having lived it;
 *  8. a delivery is due once at a time: claimed by one, it is not given to another until its lease ends;
 *  9. memory is bounded: what expired longer ago than the retention is dropped by `sweep`.
 */
export abstract class ActionStore {
  /** Puts the alert's actions in force, `appliedAt` = nowMs. */
  abstract apply(alert: Alert, nowMs: number): Promise<Applied>;

  /** Several alerts in one durable step, answers in their order. */
  abstract applyAll(alerts: readonly Alert[], nowMs: number): Promise<readonly Applied[]>;

  /**
   * What is in force on a subject, what forbids first, the longest-lasting first. `notify` is a call, never in force.
   * At most 200 of each kind: a subject with more is forbidden all the same.
   */
  abstract inForce(tenant: string, subject: string, nowMs: number): Promise<readonly Action[]>;

  abstract action(tenant: string, actionId: string): Promise<KnownAction | undefined>;

  /** Records an undo; false when it was undone before. */
  abstract undo(change: Extract<ActionChange, { change: 'undone' }>): Promise<boolean>;

  abstract alert(tenant: string, alertId: string): Promise<AppliedAlert | undefined>;

  abstract alerts(
    tenant: string,
    filter: AlertFilter,
    page: { readonly size: number; readonly after?: string },
  ): Promise<AlertPage>;

  /** Rebuilding: an alert as it was applied, or a change, out of the log. */
  abstract replay(
    items: readonly ({ readonly alert: AppliedAlert } | { readonly change: ActionChange })[],
  ): Promise<void>;

  /** Which log this store was built from, and whether it holds all of it; undefined for a store that is new or was lost. */
  abstract builtFrom(): Promise<string | undefined>;

  abstract setBuiltFrom(logIdentity: string): Promise<void>;

  /** Queues deliveries; one whose id is known is left as it is. */
  abstract enqueue(deliveries: readonly Delivery[]): Promise<void>;

  /** Takes up to `max` deliveries that are due, under a lease of `leaseMs`. */
  abstract claim(nowMs: number, leaseMs: number, max: number): Promise<readonly Delivery[]>;

  /** Done with for good, or due again after so many calls in all. */
  abstract settle(id: string, outcome: 'done' | { readonly dueAtMs: number; readonly attempts: number }): Promise<void>;

  abstract pendingDeliveries(): Promise<number>;

  abstract sweep(nowMs: number, retentionMs: number): Promise<{ readonly dropped: number }>;

  /** Forgets everything, as if lost. */
  abstract clear(): Promise<void>;

  abstract check(): Promise<void>;

  abstract close(): Promise<void>;
}
