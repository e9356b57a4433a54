import { normalCdf, normalQuantile } from './normal';

describe('the normal distribution', () => {
  // Computed with 30 digits by mpmath.
  it.each([
    [0.975, 1.9599639845400543],
    [0.5, 0],
    [0.9, 1.2815515655446006],
    [1e-10, -6.361340902404056],
    [0.999999, 4.753424308822899],
    [0.001, -3.0902323061678136],
    [0.3, -0.5244005127080407],
  ])('has the quantile of %d to 1e-12', (p, z) => {
    expect(Math.abs(normalQuantile(p) - z)).toBeLessThan(p === 0.999999 ? 1e-10 : 1e-12);
  });

  it.each([
    [-8, 6.220960574271784e-16],
    [-3, 0.0013498980316300946],
    [-1.5, 0.06680720126885807],
    [0, 0.5],
    [0.3, 0.6179114221889526],
    [2, 0.9772498680518208],
    [5, 0.9999997133484281],
  ])('has its share below %d to 13 digits', (x, p) => {
    expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThan(1e-13);
  });

  it('comes back from the quantile to the probability, far into the tail', () => {
    for (let exponent = -1; exponent > -300; exponent -= 7) {
      const p = 10 ** exponent;
      expect(Math.abs(normalCdf(normalQuantile(p)) / p - 1)).toBeLessThan(1e-10);
    }
  });

  it.each([0, 1, -0.1, Number.NaN])('has no quantile of %d', (p) => {
    expect(() => normalQuantile(p)).toThrow(RangeError);
  });
});
