import { z } from 'zod';
import { EVENT_LIMITS, identifierSchema, instantSchema } from './event';

/** The questions with a meaning of their own; a campaign may ask others, whose value is free. */
export const QUESTIONS = ['accuracy', 'hallucination', 'satisfaction', 'safety'] as const;
export type Question = (typeof QUESTIONS)[number];

const commentSchema = z.string().max(EVENT_LIMITS.commentLengthMax).optional();

/** One human's answer to one question about a turn or, without turnId, about a conversation. */
export const evaluationSchema = z
  .object({
    id: identifierSchema,
    source: identifierSchema.optional(),
    turnId: identifierSchema.optional(),
    conversationId: identifierSchema,
    raterId: identifierSchema,
    question: identifierSchema,
    value: z.union([z.boolean(), z.number(), z.string().max(EVENT_LIMITS.identifierLengthMax)], {
      error: 'must be a boolean, a number or a string',
    }),
    comment: commentSchema,
    ratedAt: instantSchema.optional(),
  })
  .superRefine((evaluation, context) => {
    const fault = valueFault(evaluation.question, evaluation.value);
    if (fault) context.addIssue({ code: 'custom', path: ['value'], message: fault });
  });

function valueFault(question: string, value: unknown): string | undefined {
  switch (question as Question) {
    case 'accuracy':
    case 'hallucination':
    case 'safety':
      return typeof value === 'boolean' ? undefined : `must be true or false for the question ${question}`;
    case 'satisfaction':
      return typeof value === 'number' && value >= 1 && value <= 5
        ? undefined
        : 'must be a number from 1 to 5 for the question satisfaction';
    default:
      return undefined;
  }
}

/** The same, as it stands in the log. */
export const acceptedEvaluationSchema = evaluationSchema.safeExtend({
  v: z.literal(1),
  uid: z.string(),
  tenant: identifierSchema,
  source: identifierSchema,
  acceptedAt: z.string(),
  ratedAt: z.string(),
});

export type Evaluation = z.infer<typeof evaluationSchema>;
export type AcceptedEvaluation = z.infer<typeof acceptedEvaluationSchema>;
