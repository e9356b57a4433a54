import { Injectable, Logger } from '@nestjs/common';
import { DomainError, LANDED_TOPICS, type LandedTopic } from '@watchkeeper/domain';
import { EventLog } from '@watchkeeper/event-log';
import { Lakehouse, type LandingRecord, type Refresh } from '@watchkeeper/lakehouse';
import { BatchMetrics } from './batch.metrics';
import { BatchSettings } from './batch.settings';

/** Next offset per partition, by topic. */
export type Offsets = ReadonlyMap<LandedTopic, readonly number[]>;

/** Records read from the log at once while a landing is put together. */
const READ_RECORDS_MAX = 5_000;
const READ_BYTES_MAX = 8 * 1024 * 1024;

/**
 * The lake's writer: records of the log into bronze, one bounded landing a topic at a time, and bronze into silver and gold. The table is the offset store: what it says
 * is asked at the start and after every error; between landings of our own its answer is kept.
 * Not safe for two calls at once: LandEventsService lets one run at a time.
 */
@Injectable()
export class LandTopicsService {
  private readonly logger = new Logger(LandTopicsService.name);
  private readonly landed = new Map<LandedTopic, readonly number[]>();

  constructor(
    private readonly log: EventLog,
    private readonly lakehouse: Lakehouse,
    private readonly settings: BatchSettings,
    private readonly metrics: BatchMetrics,
  ) {}

  /** Asks the table again before the next landing. */
  forget(): void {
    this.landed.clear();
  }

  /** Where the log ends now. */
  async ends(): Promise<Offsets> {
    const ends = new Map<LandedTopic, readonly number[]>();
    for (const topic of LANDED_TOPICS) {
      const bounds = await this.log.bounds(topic);
      const offsets = Array.from({ length: bounds.length }, () => 0);
      for (const { partition, end } of bounds) offsets[partition] = end;
      ends.set(topic, offsets);
    }
    return ends;
  }

  /** Records between what is landed and `ends`. Throws `log-behind-lake` when the lake holds what the log never had. */
  async waiting(ends: Offsets): Promise<number> {
    let records = 0;
    for (const [topic, topicEnds] of ends) {
      const positions = await this.positionsOf(topic);
      for (const [partition, end] of topicEnds.entries()) {
        const position = positions[partition] ?? 0;
        if (position > end) {
          throw new DomainError(
            'log-behind-lake',
            `the lake holds ${topic} up to offset ${position} of partition ${partition}, but the log ends at ${end}: it is not the log that was landed here`,
          );
        }
        records += end - position;
      }
    }
    return records;
  }

  /** Lands at most one landing of each topic, and nothing at or beyond `ends`. Returns the rows landed. */
  async landOnce(ends: Offsets): Promise<number> {
    let rows = 0;
    for (const [topic, topicEnds] of ends) rows += await this.landTopic(topic, topicEnds);
    return rows;
  }

  /** Brings silver and gold up to bronze. */
  async refresh(): Promise<Refresh> {
    const refresh = await this.lakehouse.refresh();
    this.metrics.refreshed(refresh.tookMs);
    if (refresh.weeks.length > 0) {
      this.logger.log({
        message: 'silver and gold refreshed',
        turnsAdded: refresh.turnsAdded,
        turnsUpdated: refresh.turnsUpdated,
        evaluationsAdded: refresh.evaluationsAdded,
        weeks: refresh.weeks.length,
        tookMs: Math.round(refresh.tookMs),
      });
    }
    return refresh;
  }

  private async landTopic(topic: LandedTopic, ends: readonly number[]): Promise<number> {
    const records = await this.readWaiting(topic, ends);
    if (records.length === 0) return 0;
    const landing = await this.lakehouse.land(topic, await this.log.identity(), records);
    this.landed.set(topic, landing.offsets);
    this.metrics.landed(topic, landing.rows, landing.tookMs);
    this.logger.log({ message: 'records landed', topic, rows: landing.rows, tookMs: Math.round(landing.tookMs) });
    return landing.rows;
  }

  private async readWaiting(topic: LandedTopic, ends: readonly number[]): Promise<readonly LandingRecord[]> {
    const positions = await this.positionsOf(topic);
    const chunk: LandingRecord[] = [];
    let bytes = 0;
    for (const [partition, end] of ends.entries()) {
      let offset = positions[partition] ?? 0;
      while (offset < end && chunk.length < this.settings.landRowsMax && bytes < this.settings.landBytesMax) {
        const room = Math.min(READ_RECORDS_MAX, end - offset, this.settings.landRowsMax - chunk.length);
        const read = await this.log.read({ topic, partition, offset }, { recordsMax: room, bytesMax: READ_BYTES_MAX });
        const records = read.filter((record) => record.offset < end);
        const [first] = records;
        // The log says there is something before `end`, but retention has just dropped it: look again next time.
        if (!first) break;
        this.noteMissed(topic, first.offset - offset);
        for (const { key, value, appendedAtMs, offset: at } of records) {
          chunk.push({ partition, offset: at, key, value, appendedAtMs });
          bytes += value.byteLength;
          offset = at + 1;
        }
      }
    }
    return chunk;
  }

  /** Retention keeps what is not landed, so this only happens to a log that is trimmed by someone else. */
  private noteMissed(topic: LandedTopic, records: number): void {
    if (records <= 0) return;
    this.metrics.missed(topic, records);
    this.logger.error({ message: 'records were dropped by the log before they were landed', topic, records });
  }

  private async positionsOf(topic: LandedTopic): Promise<readonly number[]> {
    const known = this.landed.get(topic);
    if (known) return known;
    const landed = await this.lakehouse.landed(topic);
    this.landed.set(topic, landed);
    return landed;
  }
}
