/** Time and chance, so that tests can set them. */
export abstract class Clock {
  abstract nowMs(): number;
  /** 0 ≤ x < 1. */
  abstract random(): number;
}

export class SystemClock extends Clock {
  nowMs(): number {
    return Date.now();
  }

  random(): number {
    return Math.random();
  }
}
