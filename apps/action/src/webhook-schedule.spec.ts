import { DELAYS_MS, nextStep, RETRY_AFTER_MS_MAX, retryAfterMs, type WebhookAnswer } from './webhook-schedule';

const answered = (status: number, patienceMs?: number): WebhookAnswer => ({
  outcome: 'answered',
  status,
  ...(patienceMs !== undefined && { retryAfterMs: patienceMs }),
});
const NOW = { nowMs: 1_000_000, random: 0 };

describe('the webhook schedule', () => {
  it('is that of Standard Webhooks: ten calls within 75 h 35 min 5 s', () => {
    const failed: WebhookAnswer = { outcome: 'failed', reason: 'timeout' };
    let nowMs = 0;
    const calledAtMs = [0];
    for (let calls = 1; ; calls++) {
      const next = nextStep(failed, calls, { nowMs, random: 0 });
      if (next.step !== 'again') break;
      nowMs = next.dueAtMs;
      calledAtMs.push(nowMs);
    }
    expect(calledAtMs).toHaveLength(10);
    expect(calledAtMs.at(-1)).toBe((75 * 3_600 + 35 * 60 + 5) * 1_000);
    expect(calledAtMs.map((at, i) => at - (calledAtMs[i - 1] ?? 0))).toEqual(DELAYS_MS);
  });

  it('adds up to a tenth of jitter and never takes any away', () => {
    const dueAtMs = (random: number): unknown => nextStep(answered(500), 2, { nowMs: 0, random });
    expect(dueAtMs(0)).toEqual({ step: 'again', dueAtMs: 300_000 });
    expect(dueAtMs(0.999_999)).toEqual({ step: 'again', dueAtMs: 330_000 });
  });

  it.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [301, 'again'],
    [302, 'again'],
    [400, 'again'],
    [410, 'gone'],
    [429, 'again'],
    [500, 'again'],
  ])('takes status %i for %s', (status, step) => {
    expect(nextStep(answered(status), 1, NOW).step).toBe(step);
  });

  it('honours Retry-After within bounds, and never comes earlier than the schedule', () => {
    const again = (dueInMs: number): unknown => ({ step: 'again', dueAtMs: NOW.nowMs + dueInMs });
    expect(nextStep(answered(429, 60_000), 1, NOW)).toEqual(again(60_000));
    expect(nextStep(answered(503, 1_000), 1, NOW)).toEqual(again(5_000));
    expect(nextStep(answered(503, 1e12), 1, NOW)).toEqual(again(RETRY_AFTER_MS_MAX));
    expect(nextStep(answered(500, 60_000), 1, NOW)).toEqual(again(5_000));
  });

  it('reads Retry-After as seconds or a date', () => {
    const nowMs = Date.parse('2026-11-20T10:00:00Z');
    expect(retryAfterMs('120', nowMs)).toBe(120_000);
    expect(retryAfterMs('Fri, 20 Nov 2026 10:01:00 GMT', nowMs)).toBe(60_000);
    expect(retryAfterMs('Fri, 20 Nov 2026 09:00:00 GMT', nowMs)).toBe(0);
    expect(retryAfterMs('soon', nowMs)).toBeUndefined();
    expect(retryAfterMs(undefined, nowMs)).toBeUndefined();
  });
});
