import type { z } from 'zod';
import { DomainError, faultsOf } from '@watchkeeper/domain';

/**
 * Settings from the environment (and flags laid over it), checked once. All faults are told at once.
 * @throws DomainError `bad-settings`
 */
export function loadConfig<T>(schema: z.ZodType<T>, values: Readonly<Record<string, unknown>>): T {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const faults = faultsOf(result.error).map(({ pointer, detail }) => `  ${pointer.slice(1)}: ${detail}`);
  throw new DomainError('bad-settings', `these settings are not right:\n${faults.join('\n')}`);
}
