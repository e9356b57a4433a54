import { z } from 'zod';
import { modelRefSchema } from './event';
import { categorySchema } from './verdict';

const intervalFields = { low: z.number(), high: z.number() };

/** Change against the week before: `real` when its 95 % interval leaves 0 out. */
export const changeSchema = z.object({
  difference: z.number(),
  ...intervalFields,
  real: z.boolean(),
  method: z.string(),
});

/** Too few labels for an honest number: it is not shown. */
export const notEnoughLabelsSchema = z.object({ notEnoughLabels: z.literal(true), labels: z.number() });

/** A number with its 95 % interval and the labels it rests on. */
export const estimateSchema = z.object({
  estimate: z.number(),
  ...intervalFields,
  labels: z.number(),
  method: z.string(),
  change: changeSchema.optional(),
});

export const qualityMetricSchema = z.union([estimateSchema, notEnoughLabelsSchema]);

export const reportMetricsSchema = z.object({
  accuracy: qualityMetricSchema,
  hallucinationRate: qualityMetricSchema,
  satisfaction: qualityMetricSchema,
});

export const reportCountsSchema = z.object({
  conversations: z.number(),
  turns: z.number(),
  alerts: z.number(),
  actions: z.number(),
  evaluations: z.number(),
  unclassified: z.number(),
});

const rateSchema = z.object({ count: z.number(), rate: z.number(), ...intervalFields });

export const weeklyReportSchema = z.object({
  v: z.literal(1),
  tenant: z.string(),
  week: z.string(),
  revision: z.number(),
  asOf: z.string(),
  /** A week is final once it is over and everything said in it could have come; late events still re-open it. */
  final: z.boolean(),
  /** Why this revision differs from the one before. */
  changes: z.array(z.string()),
  counts: reportCountsSchema,
  metrics: reportMetricsSchema,
  alertRate: rateSchema,
  actionRate: rateSchema,
  byCategory: z.array(z.object({ category: categorySchema, alerts: rateSchema, actions: rateSchema })),
  timeToActionMs: z.object({ p50: z.number().nullable(), p99: z.number().nullable(), n: z.number() }),
  byModel: z.array(
    z.object({
      model: modelRefSchema
        .extend({ releasedAt: z.string().optional(), attributes: z.record(z.string(), z.unknown()).optional() })
        .nullable(),
      counts: reportCountsSchema,
      metrics: reportMetricsSchema,
      alertRate: rateSchema,
    }),
  ),
  /** Records of the log, rows of bronze, turns in silver and in gold that the numbers rest on. */
  reconciliation: z.object({
    log: z.number(),
    bronze: z.number(),
    silver: z.number(),
    gold: z.number(),
    agrees: z.boolean(),
    detail: z.array(z.object({ what: z.string(), expected: z.number(), found: z.number(), agrees: z.boolean() })),
  }),
  provenance: z.object({
    snapshots: z.record(z.string(), z.string()),
    modelSha256: z.array(z.string()),
    policyHash: z.array(z.string()),
    codeVersion: z.string(),
    /** Age of the newest landed event when the report was built, seconds; null when nothing has landed. */
    freshnessSeconds: z.number().nullable(),
  }),
});

export type Estimate = z.infer<typeof estimateSchema>;
export type QualityMetric = z.infer<typeof qualityMetricSchema>;
export type WeeklyReport = z.infer<typeof weeklyReportSchema>;
