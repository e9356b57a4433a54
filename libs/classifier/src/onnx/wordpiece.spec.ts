import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { WordPiece } from './wordpiece';

const ROOT = resolve(__dirname, '../../../..');
const VOCABULARY = readFileSync(resolve(ROOT, 'models/safety/stage1-0.1.0/vocab.txt'), 'utf8');
const GOLDEN = z
  .array(z.object({ text: z.string(), ids: z.array(z.number()) }))
  .parse(JSON.parse(readFileSync(resolve(ROOT, 'test/fixtures/golden/wordpiece.json'), 'utf8')));

function encode(wordPiece: WordPiece, text: string): number[] {
  const ids: number[] = [];
  wordPiece.encode(text, ids);
  return ids;
}

describe('WordPiece', () => {
  const wordPiece = new WordPiece(VOCABULARY);

  it.each(GOLDEN.map(({ text, ids }, index) => ({ index, start: JSON.stringify(text).slice(0, 40), text, ids })))(
    'gives the ids that the model was trained with: case $index, $start',
    ({ text, ids }) => {
      expect(encode(wordPiece, text)).toEqual(ids);
    },
  );

  it('gives the same ids from its cache', () => {
    const again = GOLDEN.map(({ text }) => encode(wordPiece, text));

    expect(again).toEqual(GOLDEN.map(({ ids }) => ids));
  });

  it('takes a special token inside a text as ordinary text', () => {
    expect(encode(wordPiece, '[SEP]')).not.toContain(102);
  });

  it('survives lone surrogates and NUL', () => {
    expect(encode(wordPiece, 'a\ud800b \udfff c\0d')).toEqual(encode(wordPiece, 'ab cd'));
  });

  it('keeps its cache within bounds', () => {
    for (let word = 0; word < 120_000; word++) encode(wordPiece, `zq${word.toString(36)}x`);

    expect(encode(wordPiece, 'tokenization untokenizable')).toEqual(
      encode(new WordPiece(VOCABULARY), 'tokenization untokenizable'),
    );
  });

  it('refuses a vocabulary without [UNK]', () => {
    expect(() => new WordPiece('a\nb\n')).toThrow('vocab.txt does not hold [UNK]');
  });
});
