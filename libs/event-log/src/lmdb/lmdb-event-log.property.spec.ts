import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { LmdbEventLog } from './index';
import { partitionOf } from '../partitioner';
import type { NewRecord, StoredRecord } from '../event-log';

const TOPIC = 'in';
const OUTPUTS = 'out';
const GROUP = 'group';
const PARTITIONS = 2;

interface Held {
  readonly key: string;
  readonly id: string | undefined;
  readonly text: string;
}

type Step =
  | { readonly kind: 'append'; readonly lists: readonly (readonly { key: string; id: string | undefined }[])[] }
  | { readonly kind: 'trim'; readonly keep: number; readonly isHeld: boolean }
  | { readonly kind: 'consume'; readonly subscriptions: number; readonly faults: number }
  | { readonly kind: 'reopen' };

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const id = fc.option(
  fc.integer({ min: 0, max: 60 }).map((n) => `id-${n}`),
  { nil: undefined },
);
const list = fc.array(fc.record({ key, id }), { minLength: 1, maxLength: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append' as const), lists: fc.array(list, { maxLength: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('trim' as const),
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      isHeld: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('consume' as const),
      subscriptions: fc.integer({ min: 1, max: 3 }),
      faults: fc.integer({ min: 0, max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);

/** What the log should hold, kept in plain arrays. */
class Model {
  readonly records: Held[][] = Array.from({ length: PARTITIONS }, () => []);
  readonly starts = new Array<number>(PARTITIONS).fill(0);
  readonly positions = new Array<number>(PARTITIONS).fill(0);
  /** Texts given to the group, each at most once. */
  readonly consumed: string[] = [];

  append(record: Held): { outcome: string; partition: number; offset: number } {
    const first = record.id === undefined ? undefined : this.find(record.id);
    if (first !== undefined) return { outcome: 'duplicate', ...first };
    const partition = partitionOf(record.key, PARTITIONS);
    const offset = this.records[partition]!.push(record) - 1;
    return { outcome: 'appended', partition, offset };
  }

  find(wanted: string): { partition: number; offset: number } | undefined {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const from = this.starts[partition]!;
      const at = this.records[partition]!.slice(from).findIndex((record) => record.id === wanted);
      if (at >= 0) return { partition, offset: from + at };
    }
    return undefined;
  }

  bounds(): { partition: number; start: number; end: number }[] {
    return this.records.map((records, partition) => ({
      partition,
      start: this.starts[partition]!,
      end: records.length,
    }));
  }

  consumeAll(): string[] {
    return this.records.flatMap((records, partition) => {
      const from = Math.max(this.positions[partition]!, this.starts[partition]!);
      this.positions[partition] = records.length;
      return records.slice(from).map(({ text }) => text);
    });
  }
}

class Run {
  private readonly dir = mkdtempSync(join(tmpdir(), 'event-log-property-'));
  private readonly model = new Model();
  private log = this.open();
  private texts = 0;

  async play(steps: readonly Step[]): Promise<void> {
    for (const next of steps) {
      await this.take(next);
      await this.compare();
    }
  }

  async end(): Promise<void> {
    await this.log.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private open(): LmdbEventLog {
    // So few ids in memory that the index on disk has its part in every run.
    return LmdbEventLog.open({
      dir: this.dir,
      partitions: PARTITIONS,
      idsInMemoryMax: 8,
      redelivery: { delayMsMin: 1, delayMsMax: 2 },
    });
  }

  private async take(next: Step): Promise<void> {
    switch (next.kind) {
      case 'append':
        return this.append(next.lists);
      case 'trim':
        return this.trim(next.keep, next.isHeld);
      case 'consume':
        return this.consume(next.subscriptions, next.faults);
      case 'reopen':
        await this.log.close();
        this.log = this.open();
    }
  }

  private async append(lists: readonly (readonly { key: string; id: string | undefined }[])[]): Promise<void> {
    const held = lists.map((records) => records.map((record) => ({ ...record, text: `${this.texts++}` })));
    const answers = await Promise.all(held.map((records) => this.log.append(records.map(toRecord))));
    for (const [i, records] of held.entries()) {
      const expected = records.map((record) => this.model.append(record));
      expect(
        answers[i]!.map(({ outcome, position: { partition, offset } }) => ({ outcome, partition, offset })),
      ).toEqual(expected);
    }
  }

  private async trim(keep: number, isHeld: boolean): Promise<void> {
    const { model } = this;
    const keepFrom = model.bounds().map(({ start, end }) => start + Math.floor(keep * (end - start)));
    await this.log.trim(TOPIC, { bytesMax: 0 }, isHeld ? { keepFrom, holdFor: [GROUP] } : { keepFrom });
    keepFrom.forEach((from, partition) => {
      const limit = isHeld ? Math.min(from, model.positions[partition]!) : from;
      model.starts[partition] = Math.max(model.starts[partition]!, limit);
    });
  }

  private async consume(subscriptions: number, faults: number): Promise<void> {
    let faultsLeft = faults;
    const handle = async ({ records }: { records: readonly StoredRecord[] }): Promise<NewRecord[]> => {
      if (faultsLeft-- > 0) throw new Error('a fault of the handler');
      return records.map((record) => ({ topic: OUTPUTS, key: record.key, value: record.value }));
    };
    const expected = this.model.consumeAll();
    const members = await Promise.all(
      Array.from({ length: subscriptions }, () =>
        this.log.subscribe({ topics: [TOPIC], group: GROUP, recordsMax: 5, handle }),
      ),
    );
    while ((await this.log.lag(TOPIC, GROUP)).some(({ records }) => records > 0)) {
      await this.log.changed(OUTPUTS, 20);
    }
    await Promise.all(members.map((member) => member.stop()));
    this.model.consumed.push(...expected);
  }

  private async compare(): Promise<void> {
    const { model, log } = this;
    expect(await log.bounds(TOPIC)).toEqual(model.bounds());
    for (const { partition, start, end } of model.bounds()) {
      const records = await log.read({ topic: TOPIC, partition, offset: 0 }, { recordsMax: 10_000 });
      expect(records.map(toHeld)).toEqual(model.records[partition]!.slice(start, end));
    }
    for (let n = 0; n <= 60; n++) {
      const found = await log.find(TOPIC, `id-${n}`);
      const expected = model.find(`id-${n}`);
      expect(found && { partition: found.partition, offset: found.offset }).toEqual(expected);
    }
    const outputs: StoredRecord[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      outputs.push(...(await log.read({ topic: OUTPUTS, partition, offset: 0 }, { recordsMax: 10_000 })));
    }
    expect(outputs.map(({ value }) => Number(Buffer.from(value))).toSorted((a, b) => a - b)).toEqual(
      model.consumed.map(Number).toSorted((a, b) => a - b),
    );
  }
}

function toRecord({ key: recordKey, id: recordId, text }: Held): NewRecord {
  const record = { topic: TOPIC, key: recordKey, value: Buffer.from(text) };
  return recordId === undefined ? record : { ...record, id: recordId };
}

function toHeld(record: StoredRecord): Held {
  return { key: record.key, id: record.id, text: Buffer.from(record.value).toString() };
}

describe('LmdbEventLog', () => {
  it('does what a plain model does, whatever the order of appends, retention, consuming and reopening', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
        const run = new Run();
        try {
          await run.play(steps);
        } finally {
          await run.end();
        }
      }),
      { numRuns: 15 },
    );
  });
});
