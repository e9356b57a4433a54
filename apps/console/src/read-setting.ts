import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { parseWith } from '@watchkeeper/domain';
import { parseJson, problems, textOf } from '@watchkeeper/platform';

const SETTING_LIMITS = { bytesMax: 1024 * 1024, depthMax: 16 } as const;

/** A setting out of a JSON body. Unknown fields are faults here: a misspelt setting must not be ignored. */
export async function readSetting<T>(
  schema: z.ZodType<T>,
  request: Pick<FastifyRequest, 'body' | 'headers'>,
): Promise<T> {
  const text = await textOf(request.body, request.headers['content-encoding'], SETTING_LIMITS);
  const parsed = parseWith(schema, parseJson(text, SETTING_LIMITS));
  if (!parsed.ok) throw problems.invalid('the setting is not valid', parsed.faults);
  return parsed.value;
}
