import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { problems } from '@watchkeeper/platform';
import type { IngestMetrics } from './ingest-metrics';
import type { IngestSettings } from './ingest.settings';

/** So many events a second for each tenant; what is over is told when to come again. */
export class TenantQuota {
  private readonly limiter: RateLimiterMemory;

  constructor(
    private readonly settings: IngestSettings,
    private readonly metrics: IngestMetrics,
  ) {
    this.limiter = new RateLimiterMemory({ points: settings.limits.eventsPerSecondMax, duration: 1 });
  }

  async take(tenant: string, events: number): Promise<void> {
    // A body larger than a second's quota takes a whole second's.
    const points = Math.min(events, this.settings.limits.eventsPerSecondMax);
    try {
      await this.limiter.consume(tenant, points);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      this.metrics.refused('quota');
      const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
      throw problems.overQuota(`your quota is ${this.settings.limits.eventsPerSecondMax} events a second`, seconds);
    }
  }
}
