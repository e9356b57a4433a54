import { z } from 'zod';
import { ACTION_KINDS } from './policy';
import {
  aboutEventFields,
  categorySchema,
  matchSchema,
  policyRefSchema,
  safetyModelSchema,
  SEVERITIES,
} from './verdict';

/** An action as planned by an alert; its id makes doing it twice harmless. */
export const alertActionSchema = z.object({
  id: z.string(),
  kind: z.enum(ACTION_KINDS),
  /** `user:ID` or `conversation:ID`. */
  subject: z.string(),
  /** null: until it is undone. */
  expiresAt: z.string().nullable(),
});

/** A turn has reached a rule of the policy. One alert per event: that of the gravest rule; `matches` holds them all. */
export const alertSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  ...aboutEventFields,
  verdictId: z.string(),
  ruleId: z.string(),
  category: categorySchema,
  severity: z.enum(SEVERITIES),
  score: z.number(),
  threshold: z.number(),
  matches: z.array(matchSchema),
  policy: policyRefSchema,
  model: safetyModelSchema,
  actions: z.array(alertActionSchema),
  judgedAt: z.string(),
});

/** An alert whose actions are in force. */
export const appliedAlertSchema = alertSchema.extend({ appliedAt: z.string() });

export type AlertAction = z.infer<typeof alertActionSchema>;
export type Alert = z.infer<typeof alertSchema>;
export type AppliedAlert = z.infer<typeof appliedAlertSchema>;
