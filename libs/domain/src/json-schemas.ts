import { z } from 'zod';
import { appliedAlertSchema } from './alert';
import { actionChangeSchema } from './action';
import { evaluationSchema } from './evaluation';
import { eventSchema } from './event';
import { modelMetadataSchema } from './model-metadata';
import { policySchema } from './policy';
import { verdictSchema } from './verdict';
import { weeklyReportSchema } from './weekly-report';

const PUBLISHED = {
  event: eventSchema,
  evaluation: evaluationSchema,
  'model-metadata': modelMetadataSchema,
  policy: policySchema,
  verdict: verdictSchema,
  alert: appliedAlertSchema,
  'action-change': actionChangeSchema,
  'weekly-report': weeklyReportSchema,
} as const;

/** JSON Schemas (draft 2020-12) of what goes in and out, by name: made from the schemas that check it. */
export function jsonSchemas(): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return Object.fromEntries(
    Object.entries(PUBLISHED).map(([name, schema]) => [
      name,
      { $id: `urn:watchkeeper:schema:${name}:1`, ...z.toJSONSchema(schema, { io: 'input' }) },
    ]),
  );
}
