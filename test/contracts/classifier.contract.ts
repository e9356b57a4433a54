import { CATEGORIES, type Classification, type Scores } from '@watchkeeper/domain';
import type { Classifier, ClassifierInput } from '@watchkeeper/classifier';

/** A classifier with everything the promises are tried on. */
export interface ClassifierUnderTest {
  /** A healthy classifier. */
  readonly open: () => Promise<Classifier>;
  /** One whose inference fails on the texts of `failing`. */
  readonly openFailing: () => Promise<Classifier>;
  readonly failing: { readonly throws: string; readonly notANumber: string; readonly hangs: string };
  /** Tries to open a model that is damaged; `file` is what an error must name. */
  readonly openDamaged: (damage: Damage) => { readonly file: string; readonly opened: Promise<Classifier> };
}

export const DAMAGES = [
  'model missing',
  'model cut short',
  'another model',
  'labels missing',
  'vocabulary changed',
] as const;
export type Damage = (typeof DAMAGES)[number];

export interface ClassifierPromise {
  readonly number: number;
  readonly title: string;
  check(underTest: ClassifierUnderTest): Promise<void>;
}

const SCORE_TOLERANCE = 1e-6;
const HARMFUL =
  'I hate you, you stupid worthless idiot, shut up and go kill yourself, everybody despises you, you disgusting pig. ';
const HARMLESS =
  'The ferry leaves at nine and the harbour café sells warm bread; we will meet at the pier with the map. ';
const TEXTS = [
  'Could you recommend a quiet place to read by the sea?',
  HARMFUL,
  'Merci beaucoup, à demain !',
  '今天天气很好,我们去海边吧。',
  '',
  'lone \ud800 surrogate \udc00 and \u0000 NUL',
  HARMLESS.repeat(40),
];

const saidByUser = (text: string): ClassifierInput => ({ text, role: 'user' });

/** The numbered promises of the port, each as a check that any adapter must pass and a mutant must fail. */
export const CLASSIFIER_PROMISES: readonly ClassifierPromise[] = [
  {
    number: 1,
    title: 'one answer per input, in their order; every score is a finite number in 0..1, for every category',
    async check({ open }) {
      const classifier = await open();
      const inputs = [...TEXTS, ...TEXTS.toReversed()].map(saidByUser);
      const answers = await classifier.classify(inputs);

      expect(answers).toHaveLength(inputs.length);
      for (const answer of answers) {
        const scores = scoresOf(answer);
        expect(Object.keys(scores)).toEqual(CATEGORIES);
        for (const score of Object.values(scores)) expect(score >= 0 && score <= 1).toBe(true);
      }
      // A palindrome of inputs has a palindrome of answers, in which the harmful text stands out where it stands.
      expectEqualScores(answers, answers.toReversed());
      expect(scoresOf(answers[1]).unsafe).toBeGreaterThan(scoresOf(answers[0]).unsafe);
      expect(await classifier.classify([])).toEqual([]);
    },
  },
  {
    number: 2,
    title: 'what cannot be scored (NaN, a throw, a hang past its deadline) is unclassified with a reason',
    async check({ openFailing, failing }) {
      const classifier = await openFailing();
      for (const text of Object.values(failing)) {
        const [answer] = await classifier.classify([saidByUser(text)]);
        expect(answer).toEqual({ outcome: 'unclassified', reason: expect.stringMatching(/./) });
      }
      await classifier.check();
    },
  },
  {
    number: 3,
    title: 'one bad text does not change the answers of its neighbours',
    async check({ openFailing, failing }) {
      const classifier = await openFailing();
      const alone = await classifier.classify(TEXTS.map(saidByUser));
      for (const text of Object.values(failing)) {
        const answers = await classifier.classify([...TEXTS.slice(0, 3), text, ...TEXTS.slice(3)].map(saidByUser));
        expect(answers[3]?.outcome).toBe('unclassified');
        expectEqualScores(answers.toSpliced(3, 1), alone);
      }
    },
  },
  {
    number: 4,
    title: 'the same text and role give the same scores, alone or in any batch',
    async check({ open }) {
      const classifier = await open();
      const roles = ['user', 'assistant'] as const;
      const inputs = TEXTS.flatMap((text) => roles.map((role) => ({ text, role })));
      const alone = [];
      for (const input of inputs) alone.push(...(await classifier.classify([input])));
      const crowd = Array.from({ length: 12 }, () => inputs).flat();
      const together = await classifier.classify(crowd);
      const atOnce = (await Promise.all(inputs.map((input) => classifier.classify([input])))).flat();

      for (let at = 0; at < crowd.length; at += inputs.length) {
        expectEqualScores(together.slice(at, at + inputs.length), alone);
      }
      expectEqualScores(atOnce, alone);
    },
  },
  {
    number: 5,
    title: 'a harmful passage is found wherever it stands in a long text',
    async check({ open }) {
      const classifier = await open();
      const passage = HARMFUL.repeat(12);
      const before = [0, 1, 3, 40, 400, 4_000];
      const texts = before.map((count) => HARMLESS.repeat(count) + passage + HARMLESS.repeat(4_000 - count));
      const [harmless, shortest] = await classifier.classify([HARMLESS.repeat(4_000), passage].map(saidByUser));
      const answers = await classifier.classify(texts.map(saidByUser));

      const low = scoresOf(harmless).unsafe;
      const high = scoresOf(shortest).unsafe;
      expect(high - low).toBeGreaterThan(0.2);
      for (const answer of answers) expect(scoresOf(answer).unsafe).toBeGreaterThan((low + high) / 2);
    },
  },
  {
    number: 6,
    title:
      'open throws, saying which file and why, when the model is missing, cut short or not the one its checksum names',
    async check({ openDamaged }) {
      for (const damage of DAMAGES) {
        const { file, opened } = openDamaged(damage);
        await expect(opened).rejects.toThrow(
          expect.objectContaining({ code: 'bad-model', message: expect.stringContaining(file) }),
        );
      }
    },
  },
  {
    number: 7,
    title: 'after close, nothing runs any more and further calls are refused',
    async check({ open }) {
      const classifier = await open();
      const underWay = classifier.classify(Array.from({ length: 500 }, () => saidByUser(HARMLESS)));
      await classifier.close();
      await underWay;

      await expect(classifier.classify([saidByUser('hello')])).rejects.toThrow('closed');
      await expect(classifier.check()).rejects.toThrow('closed');
      await classifier.close();
    },
  },
];

/** Runs every promise on an adapter. */
export function classifierContract(adapter: string, underTest: ClassifierUnderTest): void {
  describe(`${adapter} keeps the promises of Classifier`, () => {
    it.each(CLASSIFIER_PROMISES.map((promise) => [promise.number, promise.title, promise] as const))(
      '%i: %s',
      async (_number, _title, promise) => promise.check(underTest),
    );
  });
}

function scoresOf(answer: Classification | undefined): Scores {
  if (answer?.outcome !== 'scored') throw new Error(`not scored: ${answer?.reason ?? 'no answer'}`);
  return answer.scores;
}

function expectEqualScores(found: readonly Classification[], expected: readonly Classification[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((answer, at) => {
    const scores = scoresOf(answer);
    const others = scoresOf(expected[at]);
    for (const category of CATEGORIES) {
      expect(Math.abs(scores[category] - others[category])).toBeLessThanOrEqual(SCORE_TOLERANCE);
    }
  });
}
