import { z } from 'zod';
import { sha256 } from './ids';
import { ROLES } from './event';
import { categorySchema, SEVERITIES, type PolicyRef } from './verdict';

/** What can be done. `notify` calls the tenant's webhooks; the others are in force until they expire or are undone. */
export const ACTION_KINDS = ['block', 'throttle', 'hold', 'review', 'redact', 'notify'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `30s`, `15m`, `24h`, `7d`. */
const durationSchema = z.string().regex(/^[1-9]\d{0,5}[smhd]$/, 'must be a duration such as 30s, 15m, 24h or 7d');

export function durationMs(duration: string): number {
  return Number(duration.slice(0, -1)) * SECONDS[duration.slice(-1) as keyof typeof SECONDS] * 1_000;
}

const plannedActionSchema = z.strictObject({
  do: z.enum(ACTION_KINDS),
  /** A turn without a userId is acted on by its conversation. */
  to: z.enum(['user', 'conversation']).default('user'),
  for: durationSchema.optional(),
});

const ruleSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be lower-case letters, digits, dots and dashes'),
  category: categorySchema,
  roles: z.array(z.enum(ROLES)).min(1),
  threshold: z.number().gt(0).max(1),
  severity: z.enum(SEVERITIES),
  actions: z.array(plannedActionSchema).max(8).default([]),
});

/** A policy is data: rules with a threshold, a severity and the actions to take. */
export const policySchema = z
  .strictObject({
    schema: z.literal(1),
    id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be lower-case letters, digits, dots and dashes'),
    version: z.int().min(1),
    description: z.string().max(1_000).optional(),
    rules: z.array(ruleSchema).min(1).max(200),
  })
  .refine((policy) => new Set(policy.rules.map((rule) => rule.id)).size === policy.rules.length, {
    path: ['rules'],
    message: 'must not hold two rules with the same id',
  });

export type PlannedAction = z.infer<typeof plannedActionSchema>;
export type PolicyRule = z.infer<typeof ruleSchema>;
export type Policy = z.infer<typeof policySchema>;

/** Name, version and content hash: what a verdict says of the policy that judged it. */
export function policyRef(policy: Policy): PolicyRef {
  return { id: policy.id, version: policy.version, hash: policyHash(policy) };
}

// zod gives the keys in the order of the schema, so the JSON of a parsed policy is canonical.
function policyHash(policy: Policy): string {
  return sha256(JSON.stringify(policySchema.parse(policy)));
}
