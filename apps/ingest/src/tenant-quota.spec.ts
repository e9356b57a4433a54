import { Problem } from '@watchkeeper/platform';
import { IngestMetrics } from './ingest-metrics';
import { IngestSettings } from './ingest.settings';
import { TenantQuota } from './tenant-quota';

class KeptRefusals extends IngestMetrics {
  readonly reasons: string[] = [];
  received(): void {}
  acknowledged(): void {}
  refused(reason: string): void {
    this.reasons.push(reason);
  }
}

describe("a tenant's quota", () => {
  const metrics = new KeptRefusals();
  let quota: TenantQuota;

  beforeEach(() => {
    metrics.reasons.length = 0;
    const { limits } = new IngestSettings();
    quota = new TenantQuota(new IngestSettings({ ...limits, eventsPerSecondMax: 100 }), metrics);
  });

  const refusal = async (tenant: string, events: number): Promise<Problem> => {
    const error: unknown = await quota.take(tenant, events).catch((thrown: unknown) => thrown);
    if (!(error instanceof Problem)) throw new Error('it was let in');
    return error;
  };

  it('lets in so many events a second, and says of the next one when to come again', async () => {
    await quota.take('acme', 60);
    await quota.take('acme', 40);
    const { fields } = await refusal('acme', 1);
    expect(fields).toMatchObject({ status: 429, type: 'over-quota', retryAfterSeconds: 1 });
    expect(metrics.reasons).toEqual(['quota']);
  });

  it('is of one tenant: the others do not feel it', async () => {
    await quota.take('acme', 100);
    await refusal('acme', 1);
    await expect(quota.take('zeta', 100)).resolves.toBeUndefined();
  });

  it('lets in a body larger than a second of it, or that could never be posted', async () => {
    await expect(quota.take('acme', 100_000)).resolves.toBeUndefined();
    await refusal('acme', 1);
  });

  it('is there again a second later', async () => {
    await quota.take('acme', 100);
    await refusal('acme', 1);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await expect(quota.take('acme', 100)).resolves.toBeUndefined();
  });
});
