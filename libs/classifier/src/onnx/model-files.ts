import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CATEGORIES, DomainError, parseWith, sha256, type SafetyModel } from '@watchkeeper/domain';
import { z } from 'zod';
import type { RecommendedThresholds } from '../classifier';
import { BUCKETS, PADDING } from './features';

const checksumSchema = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex');
const probabilitySchema = z.number().gt(0).lte(1);

/** labels.json: what the model is, what its files must be, how texts are cut for it. */
const labelsSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  sha256: z.object({ 'model.onnx': checksumSchema, 'vocab.txt': checksumSchema }),
  categories: z.array(z.string()).refine((names) => names.join() === CATEGORIES.join(), {
    error: `must be ${CATEGORIES.join(', ')}, in this order`,
  }),
  buckets: z.literal(BUCKETS),
  paddingIndex: z.literal(PADDING),
  windowTokens: z.int().min(16).max(508),
  overlap: z.int().min(0),
  roleTokens: z.object({ user: z.int().min(0).max(255), assistant: z.int().min(0).max(255) }),
  recommendedThresholds: z.record(
    z.enum(CATEGORIES),
    z.object({ user: probabilitySchema, assistant: probabilitySchema }),
  ),
});

/** A model whose files are the ones their checksums name. */
export interface ModelFiles {
  readonly model: SafetyModel;
  readonly bytes: Uint8Array;
  readonly vocabulary: string;
  readonly window: { readonly tokens: number; readonly overlap: number };
  readonly roleTokens: { readonly user: number; readonly assistant: number };
  readonly recommendedThresholds: RecommendedThresholds;
}

/** Reads and verifies a model's directory. Throws `bad-model`, naming the file and what to do. */
export async function readModelFiles(modelDir: string): Promise<ModelFiles> {
  const labels = parseLabels(join(modelDir, 'labels.json'), await readModelFile(modelDir, 'labels.json'));
  const bytes = await readModelFile(modelDir, 'model.onnx');
  const vocabulary = await readModelFile(modelDir, 'vocab.txt');
  verify(modelDir, 'model.onnx', bytes, labels.sha256['model.onnx']);
  verify(modelDir, 'vocab.txt', vocabulary, labels.sha256['vocab.txt']);
  return {
    model: { name: labels.name, version: labels.version, sha256: labels.sha256['model.onnx'] },
    bytes,
    vocabulary: vocabulary.toString('utf8'),
    window: { tokens: labels.windowTokens, overlap: labels.overlap },
    roleTokens: labels.roleTokens,
    recommendedThresholds: labels.recommendedThresholds,
  };
}

async function readModelFile(modelDir: string, name: string): Promise<Buffer> {
  const path = join(modelDir, name);
  try {
    return await readFile(path);
  } catch (cause) {
    throw new DomainError(
      'bad-model',
      `the safety model's file ${path} cannot be read: restore it from the release, or point the model folder elsewhere`,
      { cause },
    );
  }
}

function parseLabels(path: string, content: Buffer): z.infer<typeof labelsSchema> {
  let json: unknown;
  try {
    json = JSON.parse(content.toString('utf8'));
  } catch (cause) {
    throw new DomainError('bad-model', `${path} is not JSON: restore it from the release`, { cause });
  }
  const parsed = parseWith(labelsSchema, json);
  if (!parsed.ok) {
    const faults = parsed.faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
    throw new DomainError('bad-model', `${path} does not describe a model of this version: ${faults}`);
  }
  if (parsed.value.overlap >= parsed.value.windowTokens) {
    throw new DomainError('bad-model', `${path}: /overlap must be less than /windowTokens`);
  }
  return parsed.value;
}

function verify(modelDir: string, name: string, content: Buffer, expected: string): void {
  const found = sha256(content);
  if (found === expected) return;
  throw new DomainError(
    'bad-model',
    `${join(modelDir, name)} is not the file that labels.json names: its SHA-256 is ${found} (${content.length} bytes), ` +
      `${expected} was expected. It is cut short or another version: restore it from the release`,
  );
}
