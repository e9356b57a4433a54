import { z } from 'zod';
import { identifierSchema } from './event';

/** Whom an action is about: `user:ID` or `conversation:ID`. */
export const subjectSchema = z
  .string()
  .regex(/^(user|conversation):/, 'must be user:ID or conversation:ID')
  .refine(
    (subject) => identifierSchema.safeParse(subject.slice(subject.indexOf(':') + 1)).success,
    'must name an id of 1 to 256 characters after the colon',
  );
