import { studentTCdf, studentTQuantile } from './student-t';

describe("Student's t", () => {
  // Computed with 30 digits by mpmath from the incomplete beta function.
  it.each([
    [1, 0.975, 12.7062047361747],
    [1, 0.6, 0.3249196962329063],
    [1, 0.9995, 636.6192487687196],
    [2, 0.975, 4.302652729749464],
    [2, 0.9995, 31.59905457644362],
    [4.5, 0.975, 2.658912347204404],
    [4.5, 0.9995, 7.580740499372559],
    [10, 0.975, 2.228138851986275],
    [29, 0.975, 2.045229642132704],
    [29, 0.6, 0.2556836345712561],
    [99, 0.975, 1.984216951586417],
    [399, 0.9995, 3.315077012645126],
    [1999, 0.975, 1.961151420170562],
    [2500, 0.9995, 3.294422808445335],
    [100_000, 0.975, 1.95998770753461],
    [9_999_999, 0.975, 1.959964221767229],
  ])('with %d degrees of freedom has the quantile of %d', (df, p, t) => {
    expect(Math.abs(studentTQuantile(p, df) / t - 1)).toBeLessThan(1e-10);
  });

  it('is symmetric about 0', () => {
    expect(studentTQuantile(0.025, 7)).toBeCloseTo(-studentTQuantile(0.975, 7), 12);
    expect(studentTQuantile(0.5, 7)).toBe(0);
    expect(studentTCdf(0, 7)).toBe(0.5);
  });

  it('refuses what is no probability, and no degrees of freedom', () => {
    expect(() => studentTQuantile(1, 5)).toThrow(RangeError);
    expect(() => studentTQuantile(0.5, 0)).toThrow(RangeError);
  });
});
