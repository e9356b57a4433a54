import { z } from 'zod';
import { identifierSchema, instantSchema } from './event';

/** What is known of a conversation model; (tenant, provider, name, version) is its identity, the last word wins. */
export const modelMetadataSchema = z.object({
  provider: identifierSchema,
  name: identifierSchema,
  version: identifierSchema,
  releasedAt: instantSchema.optional(),
  attributes: z
    .record(identifierSchema, z.union([z.string().max(4_096), z.number(), z.boolean()]))
    .refine((attributes) => Object.keys(attributes).length <= 64, 'must have at most 64 entries')
    .default({}),
});

export const acceptedModelMetadataSchema = modelMetadataSchema.extend({
  v: z.literal(1),
  tenant: identifierSchema,
  acceptedAt: z.string(),
});

export type ModelMetadata = z.infer<typeof modelMetadataSchema>;
export type AcceptedModelMetadata = z.infer<typeof acceptedModelMetadataSchema>;
