import { Injectable } from '@nestjs/common';
import type { Caller } from '@watchkeeper/domain';
import { EventLog, type Appended } from '@watchkeeper/event-log';
import { problems } from '@watchkeeper/platform';
import { receiptOf, type Checked, type Receipt, type Result } from './accept';
import { IngestMetrics } from './ingest-metrics';
import { IngestSettings } from './ingest.settings';
import { TenantQuota } from './tenant-quota';

type Kind = Parameters<IngestMetrics['received']>[0];

/** Checked things in, a receipt out: 202 is said only after the log has them on disk. */
@Injectable()
export class AcceptPostedService {
  private pendingBytes = 0;

  constructor(
    private readonly log: EventLog,
    private readonly settings: IngestSettings,
    private readonly quota: TenantQuota,
    private readonly metrics: IngestMetrics,
  ) {}

  async accept(kind: Kind, caller: Caller, checked: readonly Checked[]): Promise<Receipt> {
    const startedAt = performance.now();
    await this.quota.take(caller.tenant, checked.length);
    const records = checked.flatMap((item) => (item.ok ? [item.record] : []));
    const appended = await this.append(records);
    const receipt = receiptOf(resultsOf(checked, appended));
    this.metrics.acknowledged((performance.now() - startedAt) / 1_000);
    for (const status of ['accepted', 'duplicate', 'conflict', 'invalid'] as const) {
      if (receipt[status] > 0) this.metrics.received(kind, status, receipt[status]);
    }
    return receipt;
  }

  private async append(records: Parameters<EventLog['append']>[0]): Promise<readonly Appended[]> {
    if (records.length === 0) return [];
    const bytes = records.reduce((total, record) => total + record.value.length, 0);
    // One body is always let in, or a body larger than the bound could never be accepted.
    if (this.pendingBytes > 0 && this.pendingBytes + bytes > this.settings.limits.pendingBytesMax) {
      this.metrics.refused('overload');
      throw problems.unavailable('the log is behind; nothing of this body was accepted');
    }
    this.pendingBytes += bytes;
    try {
      return await this.log.append(records);
    } catch (cause) {
      throw problems.unavailable('the log could not be written; post it again, repetitions are harmless', 2, cause);
    } finally {
      this.pendingBytes -= bytes;
    }
  }
}

function resultsOf(checked: readonly Checked[], appended: readonly Appended[]): Result[] {
  let next = 0;
  return checked.map((item, index): Result => {
    if (!item.ok) {
      return { index, ...(item.id !== undefined && { id: item.id }), status: 'invalid', errors: item.faults };
    }
    const { outcome } = appended[next++]!;
    if (outcome === 'conflict') {
      return {
        index,
        id: item.id,
        status: 'conflict',
        detail: 'this id was posted before with another body; the first one stands',
      };
    }
    return { id: item.id, status: outcome === 'appended' ? 'accepted' : 'duplicate' };
  });
}
