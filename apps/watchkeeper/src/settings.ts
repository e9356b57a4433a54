import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { LOG_LEVELS, loadConfig } from '@watchkeeper/platform';
import { packageRoot } from './package-root';

const MIB = 1024 * 1024;

export const SERVICES = ['ingest', 'stream', 'action', 'batch', 'console'] as const;

/** Every setting, with where it comes from: `WATCHKEEPER_` and the name in capitals. Flags go before the environment. */
export const settingsSchema = z.object({
  /** Where everything that persists lies. */
  dataDir: z
    .string()
    .min(1)
    .transform((dir) => resolve(dir)),
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 picks a free one. */
  port: z.coerce.number().int().min(0).max(65_535).default(8787),
  logLevel: z.enum(LOG_LEVELS).default('info'),
  /** Folder of the safety model: model.onnx, vocab.txt, labels.json. */
  modelDir: z.string().default(() => join(packageRoot(), 'models', 'safety', 'stage1-0.1.0')),
  /** The policy of tenants that have none of their own. */
  policyFile: z.string().default(() => join(packageRoot(), 'libs', 'domain', 'policies', 'default.yaml')),
  /** Which services run here; the others may run elsewhere, or not at all. */
  services: z
    .union([
      z.array(z.enum(SERVICES)),
      z
        .string()
        .transform((list) => list.split(','))
        .pipe(z.array(z.enum(SERVICES))),
    ])
    .default([...SERVICES]),
  partitions: z.coerce.number().int().min(1).max(64).default(4),
  classifierWorkers: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(() => Math.max(1, availableParallelism() - 1)),
  bodyBytesMax: z.coerce
    .number()
    .int()
    .min(1_024)
    .default(16 * MIB),
  eventsPerSecondMax: z.coerce.number().int().min(1).default(100_000),
  landIntervalMs: z.coerce.number().int().min(100).max(60_000).default(2_000),
  refreshIntervalMs: z.coerce.number().int().min(100).max(600_000).default(5_000),
  duckdbThreads: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(() => Math.max(1, Math.floor(availableParallelism() / 2))),
  duckdbMemoryMb: z.coerce.number().int().min(64).default(256),
  /** Labels below which the report says "not enough labels" instead of a number. */
  labelsMin: z.coerce.number().int().min(1).default(100),
  /** Records older than this are dropped from the log once landed, days; 0 keeps them all. */
  retentionDays: z.coerce.number().min(0).default(0),
  /** Not ready when the oldest unjudged event is older than this, ms. */
  lagMsMax: z.coerce.number().int().min(1_000).default(60_000),
  /** For crash tests: `point:count`, see failpoints.ts. */
  failpoint: z.string().optional(),
  /** Webhooks may go to http and to private addresses: for trying things out on one machine. */
  webhooksAllowPrivate: z.stringbool().default(false),
});

export type Settings = z.infer<typeof settingsSchema>;

/** Flags laid over the environment. @throws DomainError `bad-settings` naming every fault. */
export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, unknown>>,
): Settings {
  const names = Object.keys(settingsSchema.shape);
  const fromEnv = names.map(
    (name) => [name, env[`WATCHKEEPER_${name.replaceAll(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`]] as const,
  );
  const given = [...fromEnv, ...Object.entries(flags)].filter(([, value]) => value !== undefined && value !== '');
  return loadConfig(settingsSchema, { dataDir: 'data', ...Object.fromEntries(given) });
}
