import type { z } from 'zod';
import type { Fault } from './errors';

/** A border is crossed by parsing: either the value, or every fault with its pointer. */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly Fault[] };

/** zod's answer in our words. `prefix` is the pointer of the value inside what was posted. */
export function parseWith<T>(schema: z.ZodType<T>, input: unknown, prefix = ''): Parsed<T> {
  const result = schema.safeParse(input);
  return result.success ? { ok: true, value: result.data } : { ok: false, faults: faultsOf(result.error, prefix) };
}

/** Faults never quote the value: it may be the text of a conversation. */
export function faultsOf(error: z.ZodError, prefix = ''): Fault[] {
  return error.issues.map((issue) => ({ pointer: prefix + pointerOf(issue.path), detail: issue.message }));
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
