import { z } from 'zod';
import { modelRefSchema, ROLES } from './event';

/** What the safety model scores. `unsafe` is any harm at all. */
export const CATEGORIES = [
  'sexual',
  'hate',
  'harassment',
  'self_harm',
  'violence',
  'illicit',
  'jailbreak',
  'unsafe',
] as const;

export const categorySchema = z.enum(CATEGORIES);
export type Category = (typeof CATEGORIES)[number];

/** Calibrated probabilities, 0..1, one per category. */
export type Scores = Readonly<Record<Category, number>>;

/** What the classifier says of one text. `unclassified` is never safe: it is retried and shown. */
export type Classification =
  | { readonly outcome: 'scored'; readonly scores: Scores }
  | { readonly outcome: 'unclassified'; readonly reason: string };

/** The safety model that gave a score. */
export const safetyModelSchema = z.object({ name: z.string(), version: z.string(), sha256: z.string() });
export type SafetyModel = z.infer<typeof safetyModelSchema>;

export const policyRefSchema = z.object({ id: z.string(), version: z.number(), hash: z.string() });
export type PolicyRef = z.infer<typeof policyRefSchema>;

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A rule of the policy that the scores have reached. */
export const matchSchema = z.object({
  ruleId: z.string(),
  category: categorySchema,
  severity: z.enum(SEVERITIES),
  score: z.number(),
  threshold: z.number(),
});
export type Match = z.infer<typeof matchSchema>;

/** Where the judged event stands in the log. */
export const positionSchema = z.object({ topic: z.string(), partition: z.number(), offset: z.number() });

/** Of which event a record further down speaks; never its text. */
export const aboutEventFields = {
  eventUid: z.string(),
  eventId: z.string(),
  source: z.string(),
  tenant: z.string(),
  conversationId: z.string(),
  userId: z.string().optional(),
  role: z.enum(ROLES),
  saidAt: z.string(),
  acceptedAt: z.string(),
};

const verdictFields = {
  v: z.literal(1),
  id: z.string(),
  ...aboutEventFields,
  conversationModel: modelRefSchema.optional(),
  model: safetyModelSchema,
  policy: policyRefSchema,
  codeVersion: z.string(),
  position: positionSchema,
  judgedAt: z.string(),
};

export const verdictSchema = z.discriminatedUnion('outcome', [
  z.object({
    ...verdictFields,
    outcome: z.literal('scored'),
    scores: z.record(categorySchema, z.number()),
    flagged: z.boolean(),
    matches: z.array(matchSchema),
  }),
  z.object({ ...verdictFields, outcome: z.literal('unclassified'), reason: z.string() }),
]);
export type Verdict = z.infer<typeof verdictSchema>;
