import type { WebhookSettings } from './action.settings';

interface Health {
  calls: number;
  failures: number;
  openUntilMs: number;
}

/** Endpoints remembered at once; the one longest known is forgotten first, which only closes its breaker. */
const ENDPOINTS_MAX = 10_000;

/** How an endpoint has fared of late, so that a broken one takes no place from the others. */
export class EndpointHealth {
  private readonly byEndpoint = new Map<string, Health>();

  constructor(private readonly settings: WebhookSettings) {}

  /** When the endpoint may be called: now (then it is counted as called), or not before. */
  enter(
    endpoint: string,
    nowMs: number,
  ): { readonly may: true } | { readonly may: false; readonly notBeforeMs: number } {
    const health = this.byEndpoint.get(endpoint) ?? { calls: 0, failures: 0, openUntilMs: 0 };
    if (health.openUntilMs > nowMs) return { may: false, notBeforeMs: health.openUntilMs };
    // After a pause one call goes first and tells for all.
    const callsMax = health.failures >= this.settings.breakerFailures ? 1 : this.settings.callsPerEndpointMax;
    if (health.calls >= callsMax) return { may: false, notBeforeMs: nowMs + this.settings.pollMs };
    health.calls++;
    this.byEndpoint.set(endpoint, health);
    if (this.byEndpoint.size > ENDPOINTS_MAX) this.forgetOne();
    return { may: true };
  }

  isBroken(endpoint: string): boolean {
    return (this.byEndpoint.get(endpoint)?.failures ?? 0) >= this.settings.breakerFailures;
  }

  leave(endpoint: string, isDelivered: boolean, nowMs: number): void {
    const health = this.byEndpoint.get(endpoint);
    if (!health) return;
    health.calls--;
    health.failures = isDelivered ? 0 : health.failures + 1;
    if (health.failures >= this.settings.breakerFailures) health.openUntilMs = nowMs + this.settings.breakerMs;
    // The healthy and idle need no memory.
    if (health.failures === 0 && health.calls === 0) this.byEndpoint.delete(endpoint);
  }

  private forgetOne(): void {
    for (const endpoint of this.byEndpoint.keys()) {
      this.byEndpoint.delete(endpoint);
      return;
    }
  }
}
