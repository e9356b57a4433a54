import { normalQuantile } from './normal';

/** From here on the expansion about the normal quantile is exact to double precision. */
const EXPANSION_FROM_DF = 1_000;
const ITERATIONS_MAX = 200;
const FRACTION_TERMS_MAX = 1_000;
const TINY = 1e-300;

/**
 * P(T ≤ t) for Student's t with `df` > 0 degrees of freedom (need not be whole); error below 1e-12 for df ≤ 1,000.
 * Source: the regularised incomplete beta function, DLMF 8.17 (I_x(df/2, 1/2) with x = df / (df + t²)).
 */
export function studentTCdf(t: number, df: number): number {
  const x = df / (df + t * t);
  const tail = regularisedBeta(x, df / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

/**
 * The t with P(T ≤ t) = p, for 0 < p < 1 and df > 0; relative error below 1e-10.
 * Source: up to 1,000 degrees of freedom the root of `studentTCdf`, by Newton's method kept inside a bracket;
 * beyond, the expansion in 1/df about the normal quantile (Abramowitz & Stegun 26.7.5).
 */
export function studentTQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError('a quantile needs a probability between 0 and 1');
  if (!(df > 0)) throw new RangeError('Student t needs more than 0 degrees of freedom');
  if (p === 0.5) return 0;
  if (p > 0.5) return -lowerQuantile(1 - p, df);
  return lowerQuantile(p, df);
}

function lowerQuantile(p: number, df: number): number {
  const start = expansion(normalQuantile(p), df);
  return df >= EXPANSION_FROM_DF ? start : refine(start, p, df);
}

function expansion(z: number, df: number): number {
  const z2 = z * z;
  const g1 = (z * (z2 + 1)) / 4;
  const g2 = (z * (3 + z2 * (16 + 5 * z2))) / 96;
  const g3 = (z * (-15 + z2 * (17 + z2 * (19 + 3 * z2)))) / 384;
  const g4 = (z * (-945 + z2 * (-1920 + z2 * (1482 + z2 * (776 + 79 * z2))))) / 92_160;
  return z + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df;
}

/** For p < 0.5: the root is below 0. The bracket halves whenever Newton would leave it. */
function refine(start: number, p: number, df: number): number {
  let low = Math.min(start, -1);
  while (studentTCdf(low, df) > p) low *= 2;
  let high = 0;
  let t = Number.isFinite(start) && start < 0 ? start : low / 2;
  for (let i = 0; i < ITERATIONS_MAX; i++) {
    const error = studentTCdf(t, df) - p;
    if (error > 0) high = t;
    else low = t;
    const step = t - error / density(t, df);
    const next = step > low && step < high ? step : (low + high) / 2;
    if (Math.abs(next - t) <= 4 * Number.EPSILON * Math.abs(t)) return next;
    t = next;
  }
  return t;
}

function density(t: number, df: number): number {
  const scale = Math.exp(logGamma((df + 1) / 2) - logGamma(df / 2)) / Math.sqrt(df * Math.PI);
  return scale * Math.pow(1 + (t * t) / df, -(df + 1) / 2);
}

/** I_x(a, b): continued fraction of DLMF 8.17.22, on the side where it converges fast. */
function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  const front = Math.exp(logFront);
  return x < (a + 1) / (a + b + 2) ? front / (a * betaFraction(x, a, b)) : 1 - front / (b * betaFraction(1 - x, b, a));
}

/** The denominator 1 + d1/(1 + d2/(1 + …)), by the modified Lentz method (DLMF 3.10(iii)). */
function betaFraction(x: number, a: number, b: number): number {
  let value = 1;
  let c = 1;
  let d = 0;
  for (let n = 1; n <= FRACTION_TERMS_MAX; n++) {
    const m = Math.floor(n / 2);
    const coefficient =
      n % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + coefficient * d || TINY);
    c = 1 + coefficient / c || TINY;
    value *= c * d;
    if (Math.abs(c * d - 1) < Number.EPSILON) break;
  }
  return value;
}

/** ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1), after lifting x to where it is exact. */
function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 15; y++) shift += Math.log(y);
  const r = 1 / (y * y);
  const series =
    (1 / 12 - r * (1 / 360 - r * (1 / 1_260 - r * (1 / 1_680 - r * (1 / 1_188 - (r * 691) / 360_360))))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
