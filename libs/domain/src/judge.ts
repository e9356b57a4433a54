import type { AcceptedTurn } from './event';
import type { Alert, AlertAction } from './alert';
import { actionId, alertId, verdictId } from './ids';
import { durationMs, type PlannedAction, type Policy, type PolicyRule } from './policy';
import {
  SEVERITIES,
  type Classification,
  type Match,
  type PolicyRef,
  type SafetyModel,
  type Scores,
  type Verdict,
} from './verdict';

/** What the policy says of a turn: every rule reached, the gravest first. */
export interface Judgement {
  readonly flagged: boolean;
  readonly matches: readonly Match[];
  /** The rule that gives the alert: the first of the matches. */
  readonly rule?: PolicyRule;
}

/** The one rule of judging, shared by the stream, replay and back-tests. Pure. */
export function judge(turn: Pick<AcceptedTurn, 'role'>, scores: Scores, policy: Policy): Judgement {
  const reached = policy.rules
    .filter((rule) => rule.roles.includes(turn.role) && scores[rule.category] >= rule.threshold)
    .toSorted((a, b) => gravity(b, scores) - gravity(a, scores) || (a.id < b.id ? -1 : 1));
  const matches = reached.map((rule) => ({
    ruleId: rule.id,
    category: rule.category,
    severity: rule.severity,
    score: scores[rule.category],
    threshold: rule.threshold,
  }));
  const [gravest] = reached;
  return { flagged: gravest !== undefined, matches, ...(gravest && { rule: gravest }) };
}

/** Severity first, then a named harm before `unsafe`, then how far above its threshold the score is (0..1). */
function gravity(rule: PolicyRule, scores: Scores): number {
  const margin = (scores[rule.category] - rule.threshold) / (1 - rule.threshold || 1);
  return SEVERITIES.indexOf(rule.severity) * 10 + (rule.category === 'unsafe' ? 0 : 5) + margin;
}

/** Everything besides the text that a verdict follows from. The same inputs give the same bytes. */
export interface JudgingContext {
  readonly model: SafetyModel;
  readonly policy: Policy;
  readonly policyRef: PolicyRef;
  readonly codeVersion: string;
  readonly position: Verdict['position'];
  readonly judgedAt: string;
}

/** The verdict on a turn and the alert that follows from it, if any. Pure. */
export function judgeTurn(
  turn: AcceptedTurn,
  classification: Classification,
  context: JudgingContext,
): { readonly verdict: Verdict; readonly alert?: Alert } {
  const { model, policy, policyRef, codeVersion, position, judgedAt } = context;
  const about = aboutEvent(turn);
  const common = {
    v: 1 as const,
    id: verdictId(turn.uid, model.sha256, policyRef.hash, classification.outcome),
    ...about,
    ...(turn.model && { conversationModel: turn.model }),
    model,
    policy: policyRef,
    codeVersion,
    position,
    judgedAt,
  };
  if (classification.outcome === 'unclassified') {
    return { verdict: { ...common, outcome: 'unclassified', reason: classification.reason } };
  }
  const { scores } = classification;
  const { flagged, matches, rule } = judge(turn, scores, policy);
  const verdict: Verdict = { ...common, outcome: 'scored', scores, flagged, matches: [...matches] };
  if (!rule) return { verdict };

  const id = alertId(turn.uid, policy.id, rule.id);
  const alert: Alert = {
    v: 1,
    id,
    ...about,
    verdictId: verdict.id,
    ruleId: rule.id,
    category: rule.category,
    severity: rule.severity,
    score: scores[rule.category],
    threshold: rule.threshold,
    matches: [...matches],
    policy: policyRef,
    model,
    actions: rule.actions.map((planned) => plan(planned, id, turn, judgedAt)),
    judgedAt,
  };
  return { verdict, alert };
}

function plan(planned: PlannedAction, alert: string, turn: AcceptedTurn, judgedAt: string): AlertAction {
  const subject = planned.to === 'user' && turn.userId ? `user:${turn.userId}` : `conversation:${turn.conversationId}`;
  const expiresAt = planned.for ? new Date(Date.parse(judgedAt) + durationMs(planned.for)).toISOString() : null;
  return { id: actionId(alert, planned.do, subject), kind: planned.do, subject, expiresAt };
}

function aboutEvent(turn: AcceptedTurn) {
  return {
    eventUid: turn.uid,
    eventId: turn.id,
    source: turn.source,
    tenant: turn.tenant,
    conversationId: turn.conversationId,
    ...(turn.userId !== undefined && { userId: turn.userId }),
    role: turn.role,
    saidAt: turn.saidAt,
    acceptedAt: turn.acceptedAt,
  };
}
