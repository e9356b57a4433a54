import { z } from 'zod';

/** Bounds of what a poster may send; sizes in UTF-16 code units. */
export const EVENT_LIMITS = {
  identifierLengthMax: 256,
  textLengthMax: 1_000_000,
  commentLengthMax: 10_000,
  attributesMax: 64,
  attributeLengthMax: 4_096,
} as const;

// NUL separates the fields of content ids; the others would break log lines and file names.
const CONTROL = /\p{Cc}/u;
const wellFormed = (text: string): boolean => text.isWellFormed();

/** An id of the poster's: 1 to 256 characters, no control characters, no lone surrogates. */
export const identifierSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(EVENT_LIMITS.identifierLengthMax, `must have at most ${EVENT_LIMITS.identifierLengthMax} characters`)
  .refine((id) => !CONTROL.test(id), 'must not contain control characters')
  .refine(wellFormed, 'must not contain lone surrogates');

/** Text of a conversation. NUL is refused: it can be stored in no database that the tables are read with. */
const textSchema = (lengthMax: number) =>
  z
    .string()
    .max(lengthMax, `must have at most ${lengthMax} characters`)
    .refine((text) => !text.includes('\0'), 'must not contain NUL')
    .refine(wellFormed, 'must not contain lone surrogates');

const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

/** An instant in ISO 8601 with an offset; kept in UTC with milliseconds. */
export const instantSchema = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 instant with an offset, such as 2026-11-20T10:00:00.000Z' })
  .refine(
    (at) => Date.parse(at) >= EARLIEST_MS && Date.parse(at) < LATEST_MS,
    'must lie between the years 2000 and 2100',
  )
  .transform((at) => new Date(at).toISOString());

export const modelRefSchema = z.object({
  provider: identifierSchema.optional(),
  name: identifierSchema,
  version: identifierSchema.optional(),
});

const attributesSchema = z
  .record(
    identifierSchema,
    z.union([textSchema(EVENT_LIMITS.attributeLengthMax), z.number(), z.boolean(), z.null()], {
      error: 'must be a string, a number, a boolean or null',
    }),
  )
  .refine(
    (attributes) => Object.keys(attributes).length <= EVENT_LIMITS.attributesMax,
    `must have at most ${EVENT_LIMITS.attributesMax} entries`,
  );

export const ROLES = ['user', 'assistant', 'system', 'tool'] as const;

/** One message of a conversation, as posted. */
export const turnSchema = z.object({
  type: z.literal('turn'),
  id: identifierSchema,
  source: identifierSchema.optional(),
  conversationId: identifierSchema,
  seq: z.int().min(0).optional(),
  role: z.enum(ROLES),
  text: textSchema(EVENT_LIMITS.textLengthMax),
  userId: identifierSchema.optional(),
  saidAt: instantSchema.optional(),
  inReplyTo: identifierSchema.optional(),
  model: modelRefSchema.optional(),
  surface: identifierSchema.optional(),
  language: identifierSchema.optional(),
  attributes: attributesSchema.optional(),
});

const feedbackFields = {
  type: z.literal('feedback'),
  id: identifierSchema,
  source: identifierSchema.optional(),
  conversationId: identifierSchema,
  turnId: identifierSchema.optional(),
  userId: identifierSchema.optional(),
  comment: textSchema(EVENT_LIMITS.commentLengthMax).optional(),
  saidAt: instantSchema.optional(),
  attributes: attributesSchema.optional(),
};

/** What a user thought of a turn: a thumb (-1, 1), a rating (1 to 5) or a report with its reason. */
export const feedbackSchema = z.discriminatedUnion('kind', [
  z.object({ ...feedbackFields, kind: z.literal('thumb'), value: z.union([z.literal(-1), z.literal(1)]) }),
  z.object({ ...feedbackFields, kind: z.literal('rating'), value: z.number().min(1).max(5) }),
  z.object({ ...feedbackFields, kind: z.literal('report'), reason: textSchema(EVENT_LIMITS.commentLengthMax) }),
]);

export const eventSchema = z.discriminatedUnion('type', [turnSchema, feedbackSchema]);

/** What the door adds. `saidAt` is the poster's word, or else the time of acceptance. */
const acceptedFields = {
  v: z.literal(1),
  uid: z.string(),
  tenant: identifierSchema,
  source: identifierSchema,
  acceptedAt: z.string(),
  saidAt: z.string(),
};

/** The same, as it stands in the log. */
export const acceptedEventSchema = z.discriminatedUnion('type', [
  turnSchema.extend(acceptedFields),
  z.discriminatedUnion('kind', [
    feedbackSchema.options[0].extend(acceptedFields),
    feedbackSchema.options[1].extend(acceptedFields),
    feedbackSchema.options[2].extend(acceptedFields),
  ]),
]);

export type Role = (typeof ROLES)[number];
export type ModelRef = z.infer<typeof modelRefSchema>;
export type Turn = z.infer<typeof turnSchema>;
export type Feedback = z.infer<typeof feedbackSchema>;
export type ConversationEvent = z.infer<typeof eventSchema>;
export type AcceptedEvent = z.infer<typeof acceptedEventSchema>;
export type AcceptedTurn = Extract<AcceptedEvent, { type: 'turn' }>;
export type AcceptedFeedback = Extract<AcceptedEvent, { type: 'feedback' }>;
