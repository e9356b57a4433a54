import { z } from 'zod';

/** What a running server leaves in its data folder. */
export const serverFileSchema = z.object({
  url: z.string(),
  pid: z.number(),
  startedAt: z.string(),
  version: z.string(),
});
export type ServerFile = z.infer<typeof serverFileSchema>;
