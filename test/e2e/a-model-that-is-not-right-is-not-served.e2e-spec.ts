import { appendFileSync, cpSync, mkdtempSync, rmSync, truncateSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY, ServerProcess } from '../fixtures/server';

const MODEL = join(REPOSITORY, 'models', 'safety', 'stage1-0.1.0');

describe('a safety model', () => {
  it.each<[string, (dir: string) => void, RegExp]>([
    ['missing', (dir) => unlinkSync(join(dir, 'model.onnx')), /model\.onnx/],
    ['cut short', (dir) => truncateSync(join(dir, 'model.onnx'), 1_000), /model\.onnx.*sha-?256/i],
    [
      'another one than its labels name',
      (dir) => appendFileSync(join(dir, 'model.onnx'), 'x'),
      /model\.onnx.*sha-?256/i,
    ],
    ['without its vocabulary', (dir) => unlinkSync(join(dir, 'vocab.txt')), /vocab\.txt/],
  ])('that is %s keeps the server from becoming ready, and it says why', async (_, breakIt, why) => {
    const dir = mkdtempSync(join(tmpdir(), 'watchkeeper-model-'));
    cpSync(MODEL, dir, { recursive: true });
    breakIt(dir);
    const server = new ServerProcess(undefined, { WATCHKEEPER_MODEL_DIR: dir });
    try {
      await expect(server.start()).rejects.toThrow(why);
    } finally {
      await server.remove();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
