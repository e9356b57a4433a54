import { FreshCache } from './fresh-cache';

const TTL_MS = 1_000;

function aCache(entriesMax = 10) {
  const clock = { now: 0 };
  return { clock, cache: new FreshCache<number>(TTL_MS, entriesMax, () => clock.now) };
}

const give = (value: number) => () => Promise.resolve(value);

describe('FreshCache', () => {
  it('remembers a value until its time is over, counted from when the reading began', async () => {
    const { cache, clock } = aCache();
    const reading = cache.get('a', async () => {
      clock.now += 400;
      return Promise.resolve(1);
    });
    expect(await reading).toBe(1);
    clock.now = TTL_MS - 1;
    expect(await cache.get('a', give(2))).toBe(1);
    clock.now = TTL_MS;
    expect(await cache.get('a', give(2))).toBe(2);
  });

  it('reads once for all who ask at the same time', async () => {
    const { cache } = aCache();
    let reads = 0;
    const read = () => Promise.resolve(++reads);
    expect(await Promise.all([cache.get('a', read), cache.get('a', read), cache.get('a', read)])).toEqual([1, 1, 1]);
  });

  it('reads anew in the second half of its time, while the old value is given', async () => {
    const { cache, clock } = aCache();
    await cache.get('a', give(1));
    clock.now = TTL_MS / 2;
    expect(await cache.get('a', give(2))).toBe(1);
    expect(await cache.get('a', give(3))).toBe(2);
    clock.now = TTL_MS * 1.5 - 1;
    expect(await cache.get('a', give(4))).toBe(2);
  });

  it('gives the old value no longer than its time when reading anew fails or hangs', async () => {
    const { cache, clock } = aCache();
    await cache.get('a', give(1));
    clock.now = TTL_MS / 2;
    expect(await cache.get('a', () => Promise.reject(new Error('down')))).toBe(1);
    await Promise.resolve();
    expect(await cache.get('a', () => new Promise(() => undefined))).toBe(1);
    clock.now = TTL_MS;
    expect(await cache.get('a', give(2))).toBe(2);
  });

  it('does not bring back what was forgotten while it was being read anew', async () => {
    const { cache, clock } = aCache();
    await cache.get('a', give(1));
    clock.now = TTL_MS / 2;
    let finish = (_value: number) => {};
    await cache.get('a', () => new Promise((resolve) => (finish = resolve)));
    cache.forget('a');
    finish(1);
    expect(await cache.get('a', give(2))).toBe(2);
  });

  it('does not bring back what was forgotten while it was being read', async () => {
    const { cache } = aCache();
    let finish = (_value: number) => {};
    const old = cache.get('a', () => new Promise((resolve) => (finish = resolve)));
    cache.forget('a');
    finish(1);
    expect(await old).toBe(1);
    expect(await cache.get('a', give(2))).toBe(2);
  });

  it('forgets a reading that failed', async () => {
    const { cache } = aCache();
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.get('a', give(2))).toBe(2);
  });

  it('holds no more than its bound and drops what was asked for least lately', async () => {
    const { cache } = aCache(2);
    await cache.get('a', give(1));
    await cache.get('b', give(1));
    await cache.get('a', give(1));
    await cache.get('c', give(1));
    expect(cache.size).toBe(2);
    expect([cache.has('a'), cache.has('b'), cache.has('c')]).toEqual([true, false, true]);
  });
});
