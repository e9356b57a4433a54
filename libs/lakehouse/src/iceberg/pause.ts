const PAUSE_MS = 20;
const DOUBLINGS_MAX = 6;

/** Longer after each failed attempt, and by chance, so that writers do not collide again. */
export async function pauseAfter(attempt: number): Promise<void> {
  await sleep(Math.random() * PAUSE_MS * 2 ** Math.min(attempt, DOUBLINGS_MAX));
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
