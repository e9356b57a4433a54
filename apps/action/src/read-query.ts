import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { parseWith } from '@watchkeeper/domain';
import { parseJson, problems, textOf } from '@watchkeeper/platform';

const BODY_LIMITS = { bytesMax: 64 * 1024, depthMax: 8 } as const;

/** A query string, checked: a misspelt filter must not be ignored. 400 with a pointer to each fault. */
export function readQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  const parsed = parseWith(schema, query);
  if (!parsed.ok) throw problems.badRequest('the query is not valid', parsed.faults);
  return parsed.value;
}

/** A small JSON body, checked. 422 with a pointer to each fault. */
export async function readBody<T>(schema: z.ZodType<T>, request: Pick<FastifyRequest, 'body' | 'headers'>): Promise<T> {
  const text = await textOf(request.body, request.headers['content-encoding'], BODY_LIMITS);
  const parsed = parseWith(schema, parseJson(text, BODY_LIMITS));
  if (!parsed.ok) throw problems.invalid('the body is not valid', parsed.faults);
  return parsed.value;
}
