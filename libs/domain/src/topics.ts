/** The services meet here and nowhere else. Keys are `tenant/conversationId` unless said otherwise. */
export const TOPICS = {
  /** Turns and feedback, as accepted at the door. */
  events: 'conversation.events',
  verdicts: 'safety.verdicts',
  alerts: 'safety.alerts',
  /** What happened to each action: applied, undone. */
  actions: 'safety.actions',
  evaluations: 'quality.evaluations',
  /** Model metadata; key `tenant/provider/name`. */
  models: 'quality.models',
  /** Policies as they were set; key `tenant/policyId`. */
  policies: 'safety.policies',
  /** What could not be read or judged, byte for byte, with its reason. */
  deadLetters: 'dead-letters',
} as const;

export type Topic = (typeof TOPICS)[keyof typeof TOPICS];

/** The topics whose every record is landed in bronze. */
export const LANDED_TOPICS = [
  TOPICS.events,
  TOPICS.verdicts,
  TOPICS.alerts,
  TOPICS.actions,
  TOPICS.evaluations,
  TOPICS.models,
] as const;

export type LandedTopic = (typeof LANDED_TOPICS)[number];

/** The consumer groups: one name per effect. */
export const GROUPS = {
  judge: 'judge-turns',
  apply: 'apply-alerts',
  webhooks: 'deliver-webhooks',
} as const;

/** The log key of a conversation: everything about it is in one partition, in order. */
export function conversationKey(tenant: string, conversationId: string): string {
  return `${tenant}/${conversationId}`;
}
