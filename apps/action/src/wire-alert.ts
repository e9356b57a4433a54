import type { AppliedAlert } from '@watchkeeper/domain';

/** An alert as clients see it (wire contract, version 1): on the stream, in lists and in webhooks. Add to it, never change it. */
export type WireAlert = Pick<
  AppliedAlert,
  | 'id'
  | 'eventId'
  | 'conversationId'
  | 'userId'
  | 'role'
  | 'category'
  | 'severity'
  | 'score'
  | 'threshold'
  | 'policy'
  | 'model'
  | 'actions'
  | 'saidAt'
  | 'acceptedAt'
  | 'judgedAt'
  | 'appliedAt'
  | 'source'
  | 'ruleId'
>;

export function wireAlert(alert: AppliedAlert): WireAlert {
  return {
    id: alert.id,
    eventId: alert.eventId,
    conversationId: alert.conversationId,
    ...(alert.userId !== undefined && { userId: alert.userId }),
    role: alert.role,
    category: alert.category,
    severity: alert.severity,
    score: alert.score,
    threshold: alert.threshold,
    policy: alert.policy,
    model: alert.model,
    actions: alert.actions.map(({ id, kind, subject, expiresAt }) => ({ id, kind, subject, expiresAt })),
    saidAt: alert.saidAt,
    acceptedAt: alert.acceptedAt,
    judgedAt: alert.judgedAt,
    appliedAt: alert.appliedAt,
    source: alert.source,
    ruleId: alert.ruleId,
  };
}
