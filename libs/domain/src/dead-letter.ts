import { z } from 'zod';
import { positionSchema } from './verdict';

/** A record that could not be dealt with: its bytes as they were, why, and from where. */
export const deadLetterSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  /** Which consumer gave up. */
  group: z.string(),
  position: positionSchema,
  key: z.string(),
  /** The record's value, byte for byte, in base64. */
  payloadBase64: z.string(),
  /** What failed, never what was said. */
  reason: z.string(),
  tries: z.number(),
  failedAt: z.string(),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;
