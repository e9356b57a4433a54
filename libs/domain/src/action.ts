import { z } from 'zod';
import { ACTION_KINDS, type ActionKind } from './policy';
import { categorySchema, SEVERITIES } from './verdict';

/** An action in force, or one that was. */
export const actionSchema = z.object({
  id: z.string(),
  kind: z.enum(ACTION_KINDS),
  subject: z.string(),
  tenant: z.string(),
  alertId: z.string(),
  eventUid: z.string(),
  eventId: z.string(),
  conversationId: z.string(),
  category: categorySchema,
  severity: z.enum(SEVERITIES),
  appliedAt: z.string(),
  expiresAt: z.string().nullable(),
});
export type Action = z.infer<typeof actionSchema>;

/** What happened to an action, as it stands in the log: the action store can be rebuilt from these. */
export const actionChangeSchema = z.discriminatedUnion('change', [
  z.object({ v: z.literal(1), change: z.literal('applied'), action: actionSchema, acceptedAt: z.string() }),
  z.object({
    v: z.literal(1),
    change: z.literal('undone'),
    actionId: z.string(),
    tenant: z.string(),
    subject: z.string(),
    conversationId: z.string(),
    reason: z.string(),
    undoneBy: z.string(),
    undoneAt: z.string(),
  }),
]);
export type ActionChange = z.infer<typeof actionChangeSchema>;

/** Whose enforcement forbids the subject to go on. The others only mark, slow down or tell. */
const FORBIDS: Readonly<Record<ActionKind, boolean>> = {
  block: true,
  hold: true,
  throttle: false,
  review: false,
  redact: false,
  notify: false,
};

/** May the subject go on, given the actions in force on it? */
export function isAllowed(inForce: readonly Pick<Action, 'kind'>[]): boolean {
  return !inForce.some((action) => FORBIDS[action.kind]);
}
