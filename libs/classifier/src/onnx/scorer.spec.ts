import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PADDING } from './features';
import { FAILURES, Scorer, type ScorerSettings, type TextScores } from './scorer';
import type { FeatureBatch, ScoringSession } from './scoring-session';
import { WordPiece } from './wordpiece';

const wordPiece = new WordPiece(
  readFileSync(resolve(__dirname, '../../../../models/safety/stage1-0.1.0/vocab.txt'), 'utf8'),
);
const [HARBOUR, STORM, KETTLE] = ['harbour', 'storm', 'kettle'].map((word) => {
  const ids: number[] = [];
  wordPiece.encode(word, ids);
  return ids[0]!;
});

/** Scores 0.9 where a row holds "storm", else 0.1; throws on "kettle"; NaN on "harbour". */
class WordSession implements ScoringSession {
  readonly batches: { rows: number; slots: number; padding: number }[] = [];

  async run({ indices, rows, slots }: FeatureBatch): Promise<Float32Array> {
    this.batches.push({ rows, slots, padding: indices.filter((index) => index === PADDING).length });
    const scores = new Float32Array(rows);
    for (let row = 0; row < rows; row++) {
      const features = indices.subarray(row * slots, (row + 1) * slots);
      if (features.includes(KETTLE!)) throw new Error('made to fail');
      scores[row] = features.includes(HARBOUR!) ? Number.NaN : features.includes(STORM!) ? 0.9 : 0.1;
    }
    return scores;
  }
}

const NUMBERS = Array.from({ length: 90 }, (_, at) => at).join(' ');
const SETTINGS: ScorerSettings = { window: { tokens: 254, overlap: 64 }, categories: 1, rowsMax: 8, windowsMax: 100 };

async function score(texts: readonly string[], session: ScoringSession, settings = SETTINGS): Promise<TextScores> {
  return new Scorer(wordPiece, session, settings).score({ texts, roleTokens: new Uint8Array(texts.length).fill(2) });
}

describe('Scorer', () => {
  it('keeps the highest score of a text’s windows', async () => {
    const { scores, failures } = await score(
      ['calm', `${'calm sea '.repeat(2_000)} storm ${'calm sea '.repeat(2_000)}`, 'sea '.repeat(2_000)],
      new WordSession(),
    );

    expect([...scores].map((value) => value.toFixed(1))).toEqual(['0.1', '0.9', '0.1']);
    expect([...failures]).toEqual([0, 0, 0]);
  });

  it('fails only the texts to blame', async () => {
    const { scores, failures } = await score(['storm', 'a kettle', 'calm', 'harbour', 'storm'], new WordSession());

    expect([...failures]).toEqual([0, FAILURES.threw, 0, FAILURES.badScore, 0]);
    expect([0, 2, 4].map((text) => scores[text]?.toFixed(1))).toEqual(['0.9', '0.1', '0.9']);
  });

  it('does not score a text in part', async () => {
    const { failures } = await score(['sea '.repeat(2_000), 'sea'], new WordSession(), { ...SETTINGS, windowsMax: 2 });

    expect([...failures]).toEqual([FAILURES.tooLong, 0]);
  });

  it('takes an answer of another size for a failure', async () => {
    const { failures } = await score(['sea', 'storm'], { run: async () => new Float32Array(1) });

    // Alone, each answer fits.
    expect([...failures]).toEqual([0, 0]);
  });

  it('runs short and long texts apart, so that little is padding', async () => {
    const session = new WordSession();
    const texts = Array.from({ length: 8 }, (_, at) => (at % 2 ? 'sea' : NUMBERS));
    await score(texts, session);

    expect(session.batches.map(({ rows }) => rows)).toEqual([4, 4]);
    expect(session.batches.every(({ padding }) => padding === 0)).toBe(true);
  });
});
