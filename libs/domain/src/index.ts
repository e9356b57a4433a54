export { actionChangeSchema, actionSchema, isAllowed } from './action';
export type { Action, ActionChange } from './action';
export { alertActionSchema, alertSchema, appliedAlertSchema } from './alert';
export type { Alert, AlertAction, AppliedAlert } from './alert';
export { deadLetterSchema } from './dead-letter';
export type { DeadLetter } from './dead-letter';
export { DomainError } from './errors';
export type { Fault } from './errors';
export { acceptedEvaluationSchema, evaluationSchema, QUESTIONS } from './evaluation';
export type { AcceptedEvaluation, Evaluation, Question } from './evaluation';
export {
  acceptedEventSchema,
  EVENT_LIMITS,
  eventSchema,
  feedbackSchema,
  identifierSchema,
  instantSchema,
  modelRefSchema,
  ROLES,
  turnSchema,
} from './event';
export type {
  AcceptedEvent,
  AcceptedFeedback,
  AcceptedTurn,
  ConversationEvent,
  Feedback,
  ModelRef,
  Role,
  Turn,
} from './event';
export { actionId, alertId, evaluationUid, eventUid, sha256, verdictId } from './ids';
export { faultsOf, parseWith } from './json';
export type { Parsed } from './json';
export { jsonSchemas } from './json-schemas';
export { judge, judgeTurn } from './judge';
export type { Judgement, JudgingContext } from './judge';
export { measure, METRICS } from './metric';
export type { FactRow, FactTable, Filter, Measurement, Metric, MetricName } from './metric';
export { acceptedModelMetadataSchema, modelMetadataSchema } from './model-metadata';
export type { AcceptedModelMetadata, ModelMetadata } from './model-metadata';
export { ACTION_KINDS, durationMs, policyRef, policySchema } from './policy';
export type { ActionKind, PlannedAction, Policy, PolicyRule } from './policy';
export { OPERATOR_TENANT, SCOPES } from './scopes';
export type { Caller, Scope } from './scopes';
export { subjectSchema } from './subject';
export { conversationKey, GROUPS, LANDED_TOPICS, TOPICS } from './topics';
export type { LandedTopic, Topic } from './topics';
export { CATEGORIES, categorySchema, policyRefSchema, safetyModelSchema, SEVERITIES, verdictSchema } from './verdict';
export type { Category, Classification, Match, PolicyRef, SafetyModel, Scores, Severity, Verdict } from './verdict';
export { addWeeks, WEEK_MS, weekBounds, weekOf } from './week';
export type { WeekId } from './week';
export { qualityMetricSchema, weeklyReportSchema } from './weekly-report';
export type { Estimate, QualityMetric, WeeklyReport } from './weekly-report';
