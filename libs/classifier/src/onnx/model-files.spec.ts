import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CATEGORIES, sha256 } from '@watchkeeper/domain';
import { readModelFiles } from './model-files';

const VOCABULARY = '[UNK]\n';
const MODEL = 'the graph';

const labels = {
  name: 'small',
  version: '1',
  sha256: { 'model.onnx': sha256(MODEL), 'vocab.txt': sha256(VOCABULARY) },
  categories: CATEGORIES,
  buckets: 524_288,
  paddingIndex: 524_288,
  windowTokens: 254,
  overlap: 64,
  roleTokens: { user: 2, assistant: 3 },
  recommendedThresholds: Object.fromEntries(CATEGORIES.map((category) => [category, { user: 0.4, assistant: 0.3 }])),
};

describe('readModelFiles', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'model-files-'));
    writeFileSync(join(dir, 'model.onnx'), MODEL);
    writeFileSync(join(dir, 'vocab.txt'), VOCABULARY);
    writeFileSync(join(dir, 'labels.json'), JSON.stringify(labels));
  });

  afterEach(() => rmSync(dir, { recursive: true }));

  it('gives the model that its checksums name', async () => {
    expect(await readModelFiles(dir)).toMatchObject({
      model: { name: 'small', version: '1', sha256: sha256(MODEL) },
      window: { tokens: 254, overlap: 64 },
      vocabulary: VOCABULARY,
    });
  });

  it.each([
    ['model.onnx', 'the gra', /model\.onnx is not the file that labels\.json names.*\(7 bytes\)/],
    ['vocab.txt', 'x\n[UNK]\n', /vocab\.txt is not the file that labels\.json names/],
    ['labels.json', '{', /labels\.json is not JSON/],
    ['labels.json', '{}', /labels\.json does not describe a model of this version: \/name/],
    ['labels.json', JSON.stringify({ ...labels, overlap: 254 }), /overlap must be less than \/windowTokens/],
    ['labels.json', JSON.stringify({ ...labels, categories: CATEGORIES.toReversed() }), /\/categories must be sexual/],
  ])('refuses a %s that is not as it should be (%j)', async (file, content, message) => {
    writeFileSync(join(dir, file), content);

    await expect(readModelFiles(dir)).rejects.toThrow(message);
  });

  it.each(['model.onnx', 'vocab.txt', 'labels.json'])('says what to do when %s is missing', async (file) => {
    rmSync(join(dir, file));

    await expect(readModelFiles(dir)).rejects.toThrow(`${join(dir, file)} cannot be read: restore it from the release`);
  });
});
