import { normalQuantile } from './normal';
import { studentTQuantile } from './student-t';

/** An estimate with its two-sided interval. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** A share: `successes` of `n`. */
export interface Proportion {
  readonly successes: number;
  readonly n: number;
}

/** All that a mean and its interval need of a sample. */
export interface Moments {
  readonly n: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

const CONFIDENCE = 0.95;

/**
 * Wilson's score interval of one proportion from a simple random sample.
 * (p̂ + z²/2n ± z √(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n), E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209–212.
 * Throws RangeError without observations.
 */
export function wilsonInterval({ successes, n }: Proportion, confidence = CONFIDENCE): Interval {
  if (!(n > 0) || successes < 0 || successes > n) {
    throw new RangeError('a proportion needs 0 ≤ successes ≤ n and n > 0');
  }
  const z = twoSidedZ(confidence);
  const estimate = successes / n;
  const scale = 1 + (z * z) / n;
  const centre = (estimate + (z * z) / (2 * n)) / scale;
  const half = (z * Math.sqrt((estimate * (1 - estimate)) / n + (z * z) / (4 * n * n))) / scale;
  return {
    estimate,
    // At the ends the limit is exact; rounding must not put it past the estimate.
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === n ? 1 : Math.min(1, centre + half),
  };
}

/**
 * The difference first − second of two independent proportions, by Newcombe's hybrid score method:
 * the distances of the two Wilson intervals are added in squares (method 10 of R. G. Newcombe, Stat. in Medicine 17 (1998) 873–890).
 */
export function newcombeDifference(first: Proportion, second: Proportion, confidence = CONFIDENCE): Interval {
  const a = wilsonInterval(first, confidence);
  const b = wilsonInterval(second, confidence);
  const estimate = a.estimate - b.estimate;
  return {
    estimate,
    low: estimate - Math.hypot(a.estimate - a.low, b.high - b.estimate),
    high: estimate + Math.hypot(a.high - a.estimate, b.estimate - b.low),
  };
}

/**
 * Student's interval of a mean: x̄ ± t(n − 1) s/√n. Throws RangeError for fewer than two observations.
 * Source: "Student", The probable error of a mean, Biometrika 6 (1908) 1–25.
 */
export function meanInterval(moments: Moments, confidence = CONFIDENCE): Interval {
  const { mean, meanVariance } = describe(moments);
  const half = studentTQuantile((1 + confidence) / 2, moments.n - 1) * Math.sqrt(meanVariance);
  return { estimate: mean, low: mean - half, high: mean + half };
}

/**
 * The difference first − second of two independent means with unequal variances: Welch's interval, degrees of freedom
 * by Welch and Satterthwaite (B. L. Welch, Biometrika 34 (1947) 28–35). Throws RangeError for fewer than two observations.
 */
export function welchDifference(first: Moments, second: Moments, confidence = CONFIDENCE): Interval {
  const a = describe(first);
  const b = describe(second);
  const estimate = a.mean - b.mean;
  const variance = a.meanVariance + b.meanVariance;
  // Two constant samples: the difference is what it is.
  if (variance === 0) return { estimate, low: estimate, high: estimate };
  const df = variance ** 2 / (a.meanVariance ** 2 / (first.n - 1) + b.meanVariance ** 2 / (second.n - 1));
  const half = studentTQuantile((1 + confidence) / 2, df) * Math.sqrt(variance);
  return { estimate, low: estimate - half, high: estimate + half };
}

function describe({ n, sum, sumOfSquares }: Moments): { readonly mean: number; readonly meanVariance: number } {
  if (!(n >= 2)) throw new RangeError('the interval of a mean needs at least two observations');
  const mean = sum / n;
  // Rounding can leave a tiny negative remainder where every value is the same.
  return { mean, meanVariance: Math.max(0, sumOfSquares - n * mean * mean) / (n - 1) / n };
}

function twoSidedZ(confidence: number): number {
  if (!(confidence > 0 && confidence < 1)) throw new RangeError('a confidence lies between 0 and 1');
  return normalQuantile((1 + confidence) / 2);
}
