import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Classifier } from '@watchkeeper/classifier';
import type { OnnxClassifierSettings } from '@watchkeeper/classifier/onnx';
import { CLASSIFIER_PROMISES, classifierContract, type ClassifierUnderTest, type Damage } from './classifier.contract';
import { CLASSIFIER_MUTANTS, wrapped } from './mutants/classifier.mutants';

const ROOT = resolve(__dirname, '../..');
const MODEL_DIR = join(ROOT, 'models/safety/stage1-0.1.0');
// Worker threads load compiled JavaScript only.
const COMPILED = resolve(ROOT, process.env['WATCHKEEPER_DIST'] ?? 'dist', 'libs/classifier/src/onnx');

const opened: Classifier[] = [];
const dirs: string[] = [];

beforeAll(() => {
  if (!existsSync(COMPILED)) throw new Error(`${COMPILED} is absent: run npm run build first`);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((classifier) => classifier.close()));
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

async function open(settings: Partial<OnnxClassifierSettings> = {}): Promise<Classifier> {
  const { OnnxClassifier } = require(COMPILED) as typeof import('@watchkeeper/classifier/onnx');
  const classifier = await OnnxClassifier.open({ modelDir: MODEL_DIR, workers: 1, ...settings });
  opened.push(classifier);
  return classifier;
}

function openDamaged(damage: Damage): { file: string; opened: Promise<Classifier> } {
  const dir = mkdtempSync(join(tmpdir(), 'classifier-'));
  dirs.push(dir);
  cpSync(MODEL_DIR, dir, { recursive: true });
  const file = join(dir, spoil(dir, damage));
  return { file, opened: open({ modelDir: dir }) };
}

function spoil(dir: string, damage: Damage): string {
  const model = join(dir, 'model.onnx');
  switch (damage) {
    case 'model missing':
      rmSync(model);
      return 'model.onnx';
    case 'model cut short':
      truncateSync(model, 1_000_000);
      return 'model.onnx';
    case 'another model': {
      const bytes = readFileSync(model);
      bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
      writeFileSync(model, bytes);
      return 'model.onnx';
    }
    case 'labels missing':
      rmSync(join(dir, 'labels.json'));
      return 'labels.json';
    case 'vocabulary changed':
      writeFileSync(join(dir, 'vocab.txt'), 'nothing\n', { flag: 'a' });
      return 'vocab.txt';
    default:
      return damage satisfies never;
  }
}

const onnx: ClassifierUnderTest = {
  open,
  openFailing: () => open({ sessionModule: join(__dirname, 'classifier.failing-session.cjs'), deadlineMs: 250 }),
  failing: {
    throws: 'They climbed the volcano at dawn.',
    notANumber: 'A zebra slept in the shade.',
    hangs: 'The glacier moved by night.',
  },
  openDamaged,
};

classifierContract('OnnxClassifier', onnx);

describe('OnnxClassifier', () => {
  const hello = { text: 'Hello there, how was the crossing?', role: 'user' } as const;

  it('refuses more texts than may wait, and goes on with the others', async () => {
    const classifier = await open({ queueMax: 100 });
    const first = classifier.classify(Array.from({ length: 100 }, () => hello));

    await expect(classifier.classify([hello])).rejects.toThrow(expect.objectContaining({ code: 'overloaded' }));
    expect(await first).toHaveLength(100);
    expect(await classifier.classify([hello])).toMatchObject([{ outcome: 'scored' }]);
  });

  it('answers within bounds when every text of a batch hangs', async () => {
    const classifier = await open({
      sessionModule: join(__dirname, 'classifier.failing-session.cjs'),
      deadlineMs: 200,
    });
    const answers = await classifier.classify(
      Array.from({ length: 40 }, () => ({ text: onnx.failing.hangs, role: 'user' })),
    );

    expect(answers).toEqual(answers.map(() => ({ outcome: 'unclassified', reason: 'deadline' })));
    expect(await classifier.classify([hello])).toMatchObject([{ outcome: 'scored' }]);
  });

  it('runs the texts of a lost batch again however busy it is', async () => {
    const lost: Error[] = [];
    const classifier = await open({
      sessionModule: join(__dirname, 'classifier.failing-session.cjs'),
      deadlineMs: 250,
      onError: (error) => lost.push(error),
    });
    const isBusy = { until: performance.now() + 3_000 };
    const callers = Array.from({ length: 4 }, async () => {
      while (performance.now() < isBusy.until) await classifier.classify(Array.from({ length: 64 }, () => hello));
    });
    const answers = await classifier.classify([hello, { text: onnx.failing.hangs, role: 'user' }, hello]);
    isBusy.until = 0;
    await Promise.all(callers);

    expect(answers.map(({ outcome }) => outcome)).toEqual(['scored', 'unclassified', 'scored']);
    expect(lost.length).toBeGreaterThanOrEqual(2);
  });

  it('gives up a text with more windows than allowed instead of reading a part of it', async () => {
    const classifier = await open({ windowsMax: 3 });
    const answers = await classifier.classify([{ text: 'harbour '.repeat(5_000), role: 'user' }, hello]);

    expect(answers).toMatchObject([{ outcome: 'unclassified', reason: 'too long' }, { outcome: 'scored' }]);
  });

  it('scores short texts while a long one is under way', async () => {
    const classifier = await open();
    const done: string[] = [];
    const long = classifier.classify([{ text: 'harbour, '.repeat(100_000), role: 'user' }]).then((answers) => {
      done.push('long');
      return answers;
    });
    await delay(20);
    await classifier.classify([hello]);
    done.push('short');

    expect(await long).toMatchObject([{ outcome: 'scored' }]);
    expect(done).toEqual(['short', 'long']);
  });

  it('says why a model that onnxruntime cannot open is refused', async () => {
    const failing = join(mkdtempSync(join(tmpdir(), 'classifier-')), 'session.cjs');
    dirs.push(join(failing, '..'));
    writeFileSync(failing, "exports.openSession = async () => { throw new Error('no kernel for this graph'); };");

    await expect(open({ sessionModule: failing })).rejects.toThrow(
      /model\.onnx cannot be run: no kernel for this graph/,
    );
  });
});

describe('the contract of Classifier fails a classifier that', () => {
  it.each(CLASSIFIER_MUTANTS.map((mutant) => [mutant.how, mutant.breaks, mutant] as const))(
    '%s (promise %i)',
    async (_how, breaks, mutant) => {
      const promise = CLASSIFIER_PROMISES.find(({ number }) => number === breaks);
      await expect(promise!.check(mutant.mutate(onnx))).rejects.toThrow();
    },
  );

  it.each([1, 4, 7])('(and passes one that is only wrapped: promise %i)', async (number) => {
    await CLASSIFIER_PROMISES.find((promise) => promise.number === number)!.check(wrapped(onnx));
  });

  it('breaks any promise: each has its mutant', () => {
    const broken = new Set(CLASSIFIER_MUTANTS.map((mutant) => mutant.breaks));
    expect(CLASSIFIER_PROMISES.filter(({ number }) => !broken.has(number))).toEqual([]);
  });
});
