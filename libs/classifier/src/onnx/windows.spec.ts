import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { windowsOf } from './windows';
import { WordPiece } from './wordpiece';

const SHAPE = { tokens: 254, overlap: 64 };
const wordPiece = new WordPiece(
  readFileSync(resolve(__dirname, '../../../../models/safety/stage1-0.1.0/vocab.txt'), 'utf8'),
);

function idsOf(text: string): number[] {
  const ids: number[] = [];
  wordPiece.encode(text, ids);
  return ids;
}

/** The ids of the text again, put together from its windows. */
function joined(windows: readonly (readonly number[])[]): number[] {
  return windows.flatMap((ids, at) => (at === windows.length - 1 ? ids : ids.slice(0, SHAPE.tokens - SHAPE.overlap)));
}

describe('windowsOf', () => {
  it.each([0, 1, 253, 254])('gives one window for %i ids', (count) => {
    expect([...windowsOf('a '.repeat(count), wordPiece, SHAPE)]).toEqual([idsOf('a '.repeat(count))]);
  });

  it.each([
    ['words', 'the lighthouse keeper counted ships '.repeat(3_000)],
    ['words beside punctuation', 'ships,boats;rafts.'.repeat(3_000)],
    ['one word without an end', 'a'.repeat(50_000)],
    ['ideographs', '今天天气很好我们去海边吧'.repeat(3_000)],
    ['accents and emoji', 'café 👍🏽 naïve — Å '.repeat(3_000)],
    ['white space', ' \n\t'.repeat(10_000)],
  ])('covers a long text of %s to its last id', (_what, text) => {
    const windows = [...windowsOf(text, wordPiece, SHAPE)];

    expect(joined(windows)).toEqual(idsOf(text));
    for (const ids of windows) expect(ids.length).toBeLessThanOrEqual(SHAPE.tokens);
  });

  it('shares the overlap between neighbours', () => {
    const [first, second] = [...windowsOf('one two three four five six seven eight '.repeat(60), wordPiece, SHAPE)];

    expect(second?.slice(0, SHAPE.overlap)).toEqual(first?.slice(-SHAPE.overlap));
  });
});
