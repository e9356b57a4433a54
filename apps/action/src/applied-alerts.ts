import { Injectable } from '@nestjs/common';
import { ActionStore } from '@watchkeeper/action-store';
import { alertSchema, TOPICS, type AppliedAlert } from '@watchkeeper/domain';
import { EventLog, type StoredRecord } from '@watchkeeper/event-log';
import { readRecord } from './read-record';

const READ_RECORDS_MAX = 200;
const READ_BYTES_MAX = 1024 * 1024;

/** Some records of one partition, applied. */
export interface AppliedSlice {
  /** In the log's order; what could not be read as an alert is left out. */
  readonly alerts: readonly { readonly offset: number; readonly alert: AppliedAlert }[];
  /** The offset after the last one read. */
  readonly next: number;
  /** When the slice begins later than asked: the instant from which on there are records again. */
  readonly gapUntilMs?: number;
}

/** Reads alerts from the log as they were applied. */
@Injectable()
export class AppliedAlerts {
  constructor(
    private readonly log: EventLog,
    private readonly store: ActionStore,
  ) {}

  /** From `offset` up to `end` (exclusive) of one partition, so many at a time. `offset` must be below `end`. */
  async read(partition: number, offset: number, end: number): Promise<AppliedSlice> {
    const limits = { recordsMax: Math.min(READ_RECORDS_MAX, end - offset), bytesMax: READ_BYTES_MAX };
    const found = await this.log.read({ topic: TOPICS.alerts, partition, offset }, limits);
    const records = found.filter((record) => record.offset < end);
    const [first] = found;
    const gap = first && first.offset > offset ? { gapUntilMs: first.appendedAtMs } : {};
    const last = records.at(-1);
    // Nothing below `end` is left: retention has passed it.
    if (!last) return { alerts: [], next: end, ...(offset < end && { gapUntilMs: Date.now() }), ...gap };
    const alerts = await Promise.all(records.map((record) => this.asApplied(record)));
    return { alerts: alerts.filter((each) => each !== undefined), next: last.offset + 1, ...gap };
  }

  private async asApplied(record: StoredRecord): Promise<AppliedSlice['alerts'][number] | undefined> {
    const alert = readRecord(alertSchema, record);
    if (!alert.ok) return undefined;
    const applied = await this.store.alert(alert.value.tenant, alert.value.id);
    // Swept from the store, but still in the log.
    return { offset: record.offset, alert: applied ?? { ...alert.value, appliedAt: alert.value.judgedAt } };
  }
}
