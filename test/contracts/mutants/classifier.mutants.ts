import type { Classifier, ClassifierInput } from '@watchkeeper/classifier';
import type { Classification } from '@watchkeeper/domain';
import type { ClassifierUnderTest } from '../classifier.contract';

/** A classifier that breaks one promise: the check of that promise must see it. */
export interface ClassifierMutant {
  readonly breaks: number;
  readonly how: string;
  mutate(underTest: ClassifierUnderTest): ClassifierUnderTest;
}

type Classify = (inputs: readonly ClassifierInput[]) => Promise<readonly Classification[]>;

const PASSAGE_LENGTH_MAX = 2_000;
const ALL_SAFE = { sexual: 0, hate: 0, harassment: 0, self_harm: 0, violence: 0, illicit: 0, jailbreak: 0, unsafe: 0 };

/** No mutant: shows that wrapping as such breaks nothing. */
export const wrapped: ClassifierMutant['mutate'] = withClassifier((classifier) => ({ classifier, overrides: {} }));

export const CLASSIFIER_MUTANTS: readonly ClassifierMutant[] = [
  {
    breaks: 1,
    how: 'answers the last input first',
    mutate: answering((classify) => async (inputs) => {
      const [first, ...others] = await classify(inputs);
      return first ? [...others, first] : [];
    }),
  },
  {
    breaks: 1,
    how: 'gives scores beyond 1',
    mutate: answering((classify) => async (inputs) => (await classify(inputs)).map((answer) => moved(answer, 1))),
  },
  {
    breaks: 2,
    how: 'takes what it cannot score for safe',
    mutate: answering(
      (classify) => async (inputs) =>
        (await classify(inputs)).map((answer) =>
          answer.outcome === 'scored' ? answer : { outcome: 'scored', scores: ALL_SAFE },
        ),
    ),
  },
  {
    breaks: 3,
    how: 'gives up a whole batch for one bad text',
    mutate: answering((classify) => async (inputs) => {
      const answers = await classify(inputs);
      const bad = answers.find(({ outcome }) => outcome === 'unclassified');
      return bad ? answers.map(() => bad) : answers;
    }),
  },
  {
    breaks: 4,
    how: 'scores a crowd otherwise than one alone',
    mutate: answering(
      (classify) => async (inputs) =>
        (await classify(inputs)).map((answer) => (inputs.length > 1 ? moved(answer, 1e-4) : answer)),
    ),
  },
  {
    breaks: 4,
    how: 'takes everybody for the user',
    mutate: answering(
      (classify) => async (inputs) =>
        inputs.length === 1 ? classify(inputs) : classify(inputs.map(({ text }) => ({ text, role: 'user' as const }))),
    ),
  },
  {
    breaks: 5,
    how: 'reads only the beginning of a long text',
    mutate: answering(
      (classify) => (inputs) =>
        classify(inputs.map(({ text, role }) => ({ text: text.slice(0, PASSAGE_LENGTH_MAX), role }))),
    ),
  },
  {
    breaks: 6,
    how: 'opens whatever lies there',
    mutate: (underTest) => ({
      ...underTest,
      openDamaged: (damage) => {
        const { file, opened } = underTest.openDamaged(damage);
        return { file, opened: opened.catch(() => underTest.open()) };
      },
    }),
  },
  {
    breaks: 6,
    how: 'does not say which file is to blame',
    mutate: (underTest) => ({
      ...underTest,
      openDamaged: (damage) => {
        const { file, opened } = underTest.openDamaged(damage);
        return { file, opened: opened.catch(() => Promise.reject(new Error('the model cannot be opened'))) };
      },
    }),
  },
  {
    breaks: 7,
    how: 'goes on after close',
    mutate: withClassifier((classifier) => ({ classifier, overrides: { close: async () => undefined } })),
  },
];

function answering(change: (classify: Classify) => Classify): ClassifierMutant['mutate'] {
  return withClassifier((classifier) => ({
    classifier,
    overrides: { classify: change((inputs) => classifier.classify(inputs)) },
  }));
}

function withClassifier(
  change: (classifier: Classifier) => { classifier: Classifier; overrides: Partial<Classifier> },
): ClassifierMutant['mutate'] {
  const mutant = async (opening: Promise<Classifier>): Promise<Classifier> => {
    const { classifier, overrides } = change(await opening);
    return new Proxy(classifier, {
      get: (target, name) => {
        const value: unknown = Reflect.get(name in overrides ? overrides : target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  return (underTest) => ({
    ...underTest,
    open: () => mutant(underTest.open()),
    openFailing: () => mutant(underTest.openFailing()),
  });
}

function moved(answer: Classification, by: number): Classification {
  if (answer.outcome !== 'scored') return answer;
  return { outcome: 'scored', scores: { ...answer.scores, unsafe: answer.scores.unsafe + by } };
}
