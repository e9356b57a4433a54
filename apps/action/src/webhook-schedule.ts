const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Standard Webhooks' schedule: how long after the call before it each call is made; 75 h 35 min in all. */
export const DELAYS_MS: readonly number[] = [
  0,
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** Jitter only adds, up to this share: so that receivers who come back are not met by everyone at once. */
const JITTER_SHARE_MAX = 0.1;
/** A receiver may ask for patience, but not for ever. */
export const RETRY_AFTER_MS_MAX = 24 * HOUR_MS;

/** What came of one call. */
export type WebhookAnswer =
  | { readonly outcome: 'answered'; readonly status: number; readonly retryAfterMs?: number }
  | { readonly outcome: 'failed'; readonly reason: string };

export type NextStep =
  | { readonly step: 'delivered' }
  /** 410: the receiver wants no more. */
  | { readonly step: 'gone' }
  | { readonly step: 'given-up' }
  | { readonly step: 'again'; readonly dueAtMs: number };

/** What to do after the call number `calls` (from 1). Pure. */
export function nextStep(
  answer: WebhookAnswer,
  calls: number,
  now: { readonly nowMs: number; readonly random: number },
): NextStep {
  if (answer.outcome === 'answered') {
    if (answer.status >= 200 && answer.status < 300) return { step: 'delivered' };
    if (answer.status === 410) return { step: 'gone' };
  }
  const delayMs = DELAYS_MS[calls];
  if (delayMs === undefined) return { step: 'given-up' };
  const jitteredMs = delayMs * (1 + JITTER_SHARE_MAX * now.random);
  return { step: 'again', dueAtMs: now.nowMs + Math.round(Math.max(jitteredMs, patienceMs(answer))) };
}

function patienceMs(answer: WebhookAnswer): number {
  if (answer.outcome !== 'answered' || ![429, 502, 503, 504].includes(answer.status)) return 0;
  return Math.min(answer.retryAfterMs ?? 0, RETRY_AFTER_MS_MAX);
}

/** Retry-After: seconds or an HTTP date. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * SECOND_MS;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
