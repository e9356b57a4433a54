import { meanInterval, newcombeDifference, welchDifference, wilsonInterval } from './intervals';

const REPEATS = 400;

describe('intervals', () => {
  // Golden numbers: statsmodels 0.13.5 proportion_confint and confint_proportions_2indep.
  it.each([
    [45, 500, 0.067942547889, 0.118309411289],
    [0, 30, 0, 0.113513393174],
  ])('of %d in %d are those of Wilson', (successes, n, low, high) => {
    const interval = wilsonInterval({ successes, n });
    expect(Math.abs(interval.low - low)).toBeLessThan(1e-9);
    expect(Math.abs(interval.high - high)).toBeLessThan(1e-9);
  });

  it('of the difference of 60/520 and 45/500 is that of Newcombe', () => {
    const { low, high } = newcombeDifference({ successes: 60, n: 520 }, { successes: 45, n: 500 });
    expect(Math.abs(low - -0.012174621087)).toBeLessThan(1e-9);
    expect(Math.abs(high - 0.062882641194)).toBeLessThan(1e-9);
  });

  it('of a mean is that of Student', () => {
    // 3, 4, 5: mean 4, s = 1, t(2) = 4.302652729749464
    const { estimate, low, high } = meanInterval({ n: 3, sum: 12, sumOfSquares: 50 });
    expect(estimate).toBe(4);
    expect(high - low).toBeCloseTo((2 * 4.302652729749464) / Math.sqrt(3), 10);
  });

  it('of two means with one variance and one size has the degrees of freedom of both', () => {
    const sample = { n: 3, sum: 12, sumOfSquares: 50 };
    const { estimate, high } = welchDifference(sample, sample);
    expect(estimate).toBe(0);
    expect(high).toBeCloseTo(2.7764451051977987 * Math.sqrt(2 / 3), 9);
  });

  it('of means that never vary have no width', () => {
    expect(meanInterval({ n: 10, sum: 50, sumOfSquares: 250 })).toEqual({ estimate: 5, low: 5, high: 5 });
    const difference = welchDifference({ n: 10, sum: 50, sumOfSquares: 250 }, { n: 5, sum: 20, sumOfSquares: 80 });
    expect(difference).toEqual({ estimate: 1, low: 1, high: 1 });
  });

  it('stay within 0 and 1 and hold the estimate', () => {
    for (const n of [1, 2, 7, 1_000]) {
      for (const successes of [0, 1, n]) {
        const { estimate, low, high } = wilsonInterval({ successes, n });
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low <= estimate && estimate <= high).toBe(true);
      }
    }
  });

  it.each([
    [-1, 5],
    [6, 5],
    [0, 0],
  ])('of %d in %d do not exist', (successes, n) => {
    expect(() => wilsonInterval({ successes, n })).toThrow(RangeError);
  });

  it('of a mean of one observation does not exist', () => {
    expect(() => meanInterval({ n: 1, sum: 4, sumOfSquares: 16 })).toThrow(RangeError);
  });
});

describe('95 % intervals cover the truth in 92 to 98 of 100 samples', () => {
  it('Wilson', () => {
    const random = seeded(1);
    expectCoverage(() => holds(wilsonInterval(draw(random, 250, 0.12)), 0.12));
  });

  it('Newcombe', () => {
    const random = seeded(2);
    expectCoverage(() => holds(newcombeDifference(draw(random, 200, 0.2), draw(random, 300, 0.12)), 0.08));
  });

  it('Student', () => {
    const random = seeded(3);
    expectCoverage(() => holds(meanInterval(drawRatings(random, 120)), 3));
  });

  it('Welch', () => {
    const random = seeded(4);
    expectCoverage(() => holds(welchDifference(drawRatings(random, 80), drawRatings(random, 40)), 0));
  });
});

function expectCoverage(covers: () => boolean): void {
  let covered = 0;
  for (let repeat = 0; repeat < REPEATS; repeat++) covered += covers() ? 1 : 0;
  expect(covered / REPEATS).toBeGreaterThanOrEqual(0.92);
  expect(covered / REPEATS).toBeLessThanOrEqual(0.98);
}

function holds({ low, high }: { low: number; high: number }, truth: number): boolean {
  return low <= truth && truth <= high;
}

function draw(random: () => number, n: number, p: number): { successes: number; n: number } {
  let successes = 0;
  for (let i = 0; i < n; i++) successes += random() < p ? 1 : 0;
  return { successes, n };
}

/** Ratings of 1 to 5, all as likely: mean 3. */
function drawRatings(random: () => number, n: number): { n: number; sum: number; sumOfSquares: number } {
  let sum = 0;
  let sumOfSquares = 0;
  for (let i = 0; i < n; i++) {
    const rating = 1 + Math.floor(random() * 5);
    sum += rating;
    sumOfSquares += rating * rating;
  }
  return { n, sum, sumOfSquares };
}

/** xorshift32: the same numbers on every run. */
function seeded(seed: number): () => number {
  let state = seed * 2_654_435_769;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
