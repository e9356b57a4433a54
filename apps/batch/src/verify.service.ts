import { Injectable } from '@nestjs/common';
import { LANDED_TOPICS } from '@watchkeeper/domain';
import { Lakehouse } from '@watchkeeper/lakehouse';
import { Clock } from './batch.settings';
import { checksOf, sum, type Check } from './lake-state';
import { LandEventsService } from './land-events.service';
import type { Offsets } from './land-topics.service';

export interface Verification {
  readonly agrees: boolean;
  readonly checks: readonly Check[];
  readonly asOf: string;
}

/** Log = bronze = silver = gold? Everything that is in the log is landed first. */
@Injectable()
export class VerifyService {
  constructor(
    private readonly lander: LandEventsService,
    private readonly lakehouse: Lakehouse,
    private readonly clock: Clock,
  ) {}

  async verify(): Promise<Verification> {
    return this.lander.flushThen(async (ends) => {
      const counts = await this.lakehouse.counts();
      const landed = new Map(counts.bronze.map(({ topic, offsets }) => [topic, offsets]));
      const checks = [
        ...LANDED_TOPICS.map((topic) => landedToTheEnd(topic, ends, landed.get(topic) ?? [])),
        ...checksOf(counts),
      ];
      return {
        agrees: checks.every(({ agrees }) => agrees),
        checks,
        asOf: new Date(this.clock.nowMs()).toISOString(),
      };
    });
  }
}

/** The sums are shown; each partition must agree. */
function landedToTheEnd(topic: (typeof LANDED_TOPICS)[number], ends: Offsets, landed: readonly number[]): Check {
  const expected = ends.get(topic) ?? [];
  const partitions = Math.max(expected.length, landed.length);
  const agrees = Array.from({ length: partitions }, (_, p) => (expected[p] ?? 0) === (landed[p] ?? 0)).every(Boolean);
  return { what: `${topic}: end of the log = offset landed`, expected: sum(expected), found: sum(landed), agrees };
}
