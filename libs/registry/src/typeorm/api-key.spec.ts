import { isSameHash, newApiKey, randomBase62, readApiKey } from './api-key';

describe('an API key', () => {
  it('is read back with its id and the hash that is stored of it', () => {
    const made = newApiKey();
    expect(readApiKey(made.key)).toEqual(made);
    expect(made.key.split('_')[2]).toBe(made.keyId);
    expect(made.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is never made twice', () => {
    const keys = Array.from({ length: 1_000 }, () => newApiKey().key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is refused when any one character of it is another', () => {
    const { key } = newApiKey();
    const wrong = key
      .split('')
      .map((letter, at) => key.slice(0, at) + (letter === 'x' ? 'y' : 'x') + key.slice(at + 1));
    expect(wrong.filter((each) => readApiKey(each))).toEqual([]);
  });

  it('is refused when it is longer, shorter or something else', () => {
    const { key } = newApiKey();
    const others = ['', 'wk_live_', `${key}0`, key.slice(0, -1), key.toUpperCase(), `${key}\n`, 'x'.repeat(100_000)];
    expect(others.filter((each) => readApiKey(each))).toEqual([]);
  });
});

describe('randomBase62', () => {
  it('uses every character about as often as any other', () => {
    const counts = new Map<string, number>();
    for (const letter of randomBase62(62_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // 1,000 expected; six standard deviations to each side.
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(190);
  });
});

describe('isSameHash', () => {
  it('tells equal hashes from others, whatever their length', () => {
    expect(isSameHash('ab12', 'ab12')).toBe(true);
    expect(isSameHash('ab12', 'ab13')).toBe(false);
    expect(isSameHash('ab12', 'ab')).toBe(false);
  });
});
