/** 1 / √(2π) */
const INVERSE_ROOT_TWO_PI = 0.3989422804014327;
/** Beyond this the continued fraction is shorter than the series, and keeps its relative precision. */
const TAIL_FROM = 3;
const CONTINUED_FRACTION_DEPTH = 120;
const HALLEY_STEPS = 3;

/** Density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return INVERSE_ROOT_TWO_PI * Math.exp((-x * x) / 2);
}

/**
 * P(Z ≤ x) for a standard normal Z; relative error below 1e-13, in the lower tail too.
 * Source: the Taylor series about 0 (G. Marsaglia, Evaluating the normal distribution, J. Stat. Software 11(4), 2004)
 * and, in the tails, the continued fraction of Mills' ratio (Abramowitz & Stegun 26.2.14).
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x < -TAIL_FROM) return lowerTail(-x);
  if (x > TAIL_FROM) return 1 - lowerTail(x);
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > Number.EPSILON * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + normalDensity(x) * sum;
}

/** P(Z ≥ x) for x > 0: φ(x) / (x + 1/(x + 2/(x + 3/(x + …)))). */
function lowerTail(x: number): number {
  if (x === Number.POSITIVE_INFINITY) return 0;
  let fraction = x;
  for (let k = CONTINUED_FRACTION_DEPTH; k >= 1; k--) fraction = x + k / fraction;
  return normalDensity(x) / fraction;
}

/**
 * The z with P(Z ≤ z) = p, for 0 < p < 1; error below 1e-12 for 1e-300 < p < 1 - 1e-15.
 * Source: the rational start of Abramowitz & Stegun 26.2.23 (error < 4.5e-4), refined by Halley's method on `normalCdf`.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError('a quantile needs a probability between 0 and 1');
  if (p > 0.5) return -lowerQuantile(1 - p);
  return lowerQuantile(p);
}

/** For p ≤ 0.5, where `normalCdf` keeps its relative precision. */
function lowerQuantile(p: number): number {
  if (p === 0.5) return 0;
  const t = Math.sqrt(-2 * Math.log(p));
  let z = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let step = 0; step < HALLEY_STEPS; step++) {
    const u = (normalCdf(z) - p) / normalDensity(z);
    z -= u / (1 + (z * u) / 2);
  }
  return z;
}
