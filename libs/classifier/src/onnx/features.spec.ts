import { BUCKETS, FeatureCounter, slotsMax } from './features';

const USER = 2;

function count(ids: readonly number[], counter = new FeatureCounter(254)): Map<number, number> {
  const rows = { indices: new Int32Array(slotsMax(254)), values: new Float32Array(slotsMax(254)) };
  const used = counter.count(ids, USER, rows, 0);
  return new Map(Array.from({ length: used }, (_, slot) => [rows.indices[slot]!, rows.values[slot]!]));
}

/** The definition, written down plainly. */
function plainly(ids: readonly number[]): Map<number, number> {
  const tokens = [101, USER, ...ids, 102];
  const counts = new Map<number, number>();
  const add = (index: number) => counts.set(index, (counts.get(index) ?? 0) + 1);
  tokens.forEach(add);
  tokens.slice(1).forEach((id, at) => add((Math.imul(tokens[at]!, 1000003) ^ Math.imul(id, 8191)) & (BUCKETS - 1)));
  return new Map([...counts].map(([index, times]) => [index, Math.fround(1 + Math.log(times))]));
}

describe('FeatureCounter', () => {
  it.each([
    ['no ids', []],
    ['one id', [7592]],
    ['a repeated id', [2028, 2028, 2028, 2048]],
    ['as many ids as fit', Array.from({ length: 254 }, (_, at) => 1_000 + 7 * at)],
    ['a window of one id', Array.from({ length: 254 }, () => 1_012)],
  ])('counts unigrams and hashed bigrams of %s', (_what, ids) => {
    expect(count(ids)).toEqual(plainly(ids));
  });

  it('starts anew with each window', () => {
    const counter = new FeatureCounter(254);
    count([5, 6, 7, 8], counter);

    expect(count([7, 8], counter)).toEqual(plainly([7, 8]));
  });

  it('refuses windows larger than its table', () => {
    expect(() => new FeatureCounter(2_000)).toThrow('do not fit');
  });
});
