import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Appended,
  EventLog,
  type Lag,
  type NewRecord,
  partitionOf,
  type Position,
  type Retention,
  type StoredRecord,
  type SubscribeOptions,
  type Subscription,
} from '@watchkeeper/event-log';

type Limits = Parameters<EventLog['read']>[1];
type Keep = Parameters<EventLog['trim']>[2];

/** A log that passes everything on: a mutant overrides what it breaks. */
class Delegate extends EventLog {
  constructor(protected readonly inner: EventLog) {
    super();
  }
  append(records: readonly NewRecord[]): Promise<readonly Appended[]> {
    return this.inner.append(records);
  }
  subscribe(options: SubscribeOptions): Promise<Subscription> {
    return this.inner.subscribe(options);
  }
  read(from: Position, limits: Limits): Promise<readonly StoredRecord[]> {
    return this.inner.read(from, limits);
  }
  find(topic: string, id: string): Promise<Position | undefined> {
    return this.inner.find(topic, id);
  }
  partitions(topic: string): Promise<number> {
    return this.inner.partitions(topic);
  }
  bounds(topic: string): ReturnType<EventLog['bounds']> {
    return this.inner.bounds(topic);
  }
  offsetAt(topic: string, partition: number, atMs: number): Promise<number> {
    return this.inner.offsetAt(topic, partition, atMs);
  }
  committed(topic: string, group: string): Promise<readonly number[]> {
    return this.inner.committed(topic, group);
  }
  seek(topic: string, group: string, offsets: readonly number[]): Promise<void> {
    return this.inner.seek(topic, group, offsets);
  }
  lag(topic: string, group: string): Promise<readonly Lag[]> {
    return this.inner.lag(topic, group);
  }
  trim(topic: string, retention: Retention, keep?: Keep): Promise<{ readonly dropped: number }> {
    return this.inner.trim(topic, retention, keep);
  }
  changed(topic: string, timeoutMs: number): Promise<void> {
    return this.inner.changed(topic, timeoutMs);
  }
  identity(): Promise<string> {
    return this.inner.identity();
  }
  check(): Promise<void> {
    return this.inner.check();
  }
  close(): Promise<void> {
    return this.inner.close();
  }
}

/** Answers before anything is written. */
class AnswersEarly extends Delegate {
  private readonly ends = new Map<number, number>();

  override async append(records: readonly NewRecord[]): Promise<readonly Appended[]> {
    const partitions = await this.inner.partitions(records[0]!.topic);
    void sleep(5).then(() => this.inner.append(records).catch(() => undefined));
    return records.map(({ topic, key }) => {
      const partition = partitionOf(key, partitions);
      const offset = this.ends.get(partition) ?? 0;
      this.ends.set(partition, offset + 1);
      return { outcome: 'appended', position: { topic, partition, offset } };
    });
  }
}

/** Lets every second append wait a moment. */
class Overtakes extends Delegate {
  private calls = 0;

  override async append(records: readonly NewRecord[]): Promise<readonly Appended[]> {
    if (this.calls++ % 2 === 0) await sleep(5);
    return this.inner.append(records);
  }
}

/** Counts offsets from the first record that is left. */
class Renumbers extends Delegate {
  override async read(from: Position, limits: Limits): Promise<readonly StoredRecord[]> {
    const start = (await this.inner.bounds(from.topic))[from.partition]!.start;
    const records = await this.inner.read({ ...from, offset: from.offset + start }, limits);
    return records.map((record) => ({ ...record, offset: record.offset - start }));
  }
  override async bounds(topic: string): ReturnType<EventLog['bounds']> {
    const bounds = await this.inner.bounds(topic);
    return bounds.map(({ partition, start, end }) => ({ partition, start: 0, end: end - start }));
  }
}

/** Takes an error of the handler for success. */
class SwallowsErrors extends Delegate {
  override subscribe(options: SubscribeOptions): Promise<Subscription> {
    const handle = (batch: Parameters<typeof options.handle>[0]): ReturnType<typeof options.handle> =>
      options.handle(batch).catch(() => undefined);
    return this.inner.subscribe({ ...options, handle });
  }
}

/** Appends a handler's records one by one, before the position. */
class AppendsOutputsApart extends Delegate {
  override subscribe(options: SubscribeOptions): Promise<Subscription> {
    const handle = async (batch: Parameters<typeof options.handle>[0]): Promise<void> => {
      for (const record of (await options.handle(batch)) ?? []) await this.inner.append([record]);
    };
    return this.inner.subscribe({ ...options, handle });
  }
}

/** Gives every subscription all records. */
class SharesNothing extends Delegate {
  private subscriptions = 0;

  override subscribe(options: SubscribeOptions): Promise<Subscription> {
    return this.inner.subscribe({ ...options, group: `${options.group}-${this.subscriptions++}` });
  }
  override committed(topic: string, group: string): Promise<readonly number[]> {
    return this.inner.committed(topic, `${group}-${group === 'other' ? 2 : 0}`);
  }
}

/** Knows ids for as long as it is open. */
class ForgetsIds extends Delegate {
  private readonly known = new Map<string, Appended>();

  override async append(records: readonly NewRecord[]): Promise<readonly Appended[]> {
    const answers: Appended[] = [];
    for (const { id, fingerprint: _, ...record } of records) {
      const key = `${record.topic} ${id}`;
      const known = id === undefined ? undefined : this.known.get(key);
      const answer = known ?? (await this.inner.append([record]))[0]!;
      if (id !== undefined) this.known.set(key, { ...answer, outcome: 'duplicate' });
      answers.push(answer);
    }
    return answers;
  }
}

/** Has nothing to say for an offset that retention has dropped. */
class ReadsOnlyWhatIsThere extends Delegate {
  override async read(from: Position, limits: Limits): Promise<readonly StoredRecord[]> {
    const start = (await this.inner.bounds(from.topic))[from.partition]!.start;
    return from.offset < start ? [] : this.inner.read(from, limits);
  }
}

/** Drops what a group has not read yet. */
class HoldsForNobody extends Delegate {
  override trim(topic: string, retention: Retention, keep: Keep = {}): Promise<{ readonly dropped: number }> {
    return this.inner.trim(topic, retention, { ...keep, holdFor: [] });
  }
}

/** Appends record by record. */
class AppendsSome extends Delegate {
  override async append(records: readonly NewRecord[]): Promise<readonly Appended[]> {
    const answers: Appended[] = [];
    for (const record of records) answers.push(...(await this.inner.append([record])));
    return answers;
  }
}

/** Does not wait for what is in flight. */
class StopsAtOnce extends Delegate {
  override async subscribe(options: SubscribeOptions): Promise<Subscription> {
    const subscription = await this.inner.subscribe(options);
    return {
      stop: async () => {
        void subscription.stop();
      },
    };
  }
}

export interface EventLogMutant {
  /** The promise it breaks. */
  readonly breaks: number;
  readonly what: string;
  /** Set when only an adapter with this capability can be caught. */
  readonly needs?: 'hasTransactionalOutputs' | 'hasExactIds';
  readonly mutate: (log: EventLog) => EventLog;
}

export const EVENT_LOG_MUTANTS: readonly EventLogMutant[] = [
  { breaks: 1, what: 'answers before it has written', mutate: (log) => new AnswersEarly(log) },
  { breaks: 2, what: 'lets appends overtake each other', mutate: (log) => new Overtakes(log) },
  { breaks: 3, what: 'numbers records anew after retention', mutate: (log) => new Renumbers(log) },
  { breaks: 4, what: 'takes a failed batch for done', mutate: (log) => new SwallowsErrors(log) },
  {
    breaks: 4,
    what: 'appends outputs apart from the position',
    needs: 'hasTransactionalOutputs',
    mutate: (log) => new AppendsOutputsApart(log),
  },
  { breaks: 5, what: 'gives each subscription everything', mutate: (log) => new SharesNothing(log) },
  { breaks: 6, what: 'forgets ids when it is closed', mutate: (log) => new ForgetsIds(log) },
  { breaks: 7, what: 'reads nothing from a dropped offset', mutate: (log) => new ReadsOnlyWhatIsThere(log) },
  { breaks: 8, what: 'drops what a group has not read', mutate: (log) => new HoldsForNobody(log) },
  { breaks: 9, what: 'appends a list in parts', mutate: (log) => new AppendsSome(log) },
  { breaks: 10, what: 'stops without waiting', mutate: (log) => new StopsAtOnce(log) },
];
