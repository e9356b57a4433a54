import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LandedTopic } from '@watchkeeper/domain';
import type { Lakehouse, LandingRecord, Refresh } from '@watchkeeper/lakehouse';
import type { LakeUnderTest } from '../lakehouse.contract';

export interface LakehouseMutant {
  /** The number of the promise that it breaks. */
  readonly breaks: number;
  readonly how: string;
  readonly mutate: (under: LakeUnderTest) => LakeUnderTest;
}

type Methods = Partial<
  Pick<Lakehouse, 'land' | 'landed' | 'refresh' | 'rebuild' | 'maintain' | 'counts' | 'weekFacts' | 'freshestMs'>
>;

/** The lake with some of its methods replaced; so are those of everybody else who opens the folder. */
const replacing =
  (methodsOf: (lake: Lakehouse, dir: string) => Methods) =>
  (under: LakeUnderTest): LakeUnderTest => {
    const mutated = (lake: Lakehouse): Lakehouse => {
      const methods = methodsOf(lake, under.dir);
      return new Proxy(lake, {
        get(target, name: keyof Lakehouse & keyof Methods) {
          const method = methods[name] ?? target[name];
          return typeof method === 'function' ? method.bind(target) : method;
        },
      });
    };
    return { ...under, lake: mutated(under.lake), another: async () => mutated(await under.another()) };
  };

/** Records as if they began where the table stands: what a writer without a fence would do. */
async function shifted(
  lake: Lakehouse,
  topic: LandedTopic,
  records: readonly LandingRecord[],
): Promise<LandingRecord[]> {
  const next = [...(await lake.landed(topic))];
  return records.map((record) => {
    const offset = next[record.partition] ?? 0;
    next[record.partition] = offset + 1;
    return { ...record, offset };
  });
}

const ofWeeks = (refresh: Refresh, weeks: Refresh['weeks']): Refresh => ({ ...refresh, weeks });

export const LAKEHOUSE_MUTANTS: readonly LakehouseMutant[] = [
  {
    breaks: 1,
    how: 'lands again what another has landed',
    mutate: replacing((lake) => ({
      land: async (topic, identity, records) =>
        lake
          .land(topic, identity, records)
          .catch(async () => lake.land(topic, identity, await shifted(lake, topic, records))),
    })),
  },
  {
    breaks: 1,
    how: 'changes the bytes of a value',
    mutate: replacing((lake) => ({
      land: (topic, identity, records) =>
        lake.land(
          topic,
          identity,
          records.map((record) => ({
            ...record,
            value: Buffer.from(Buffer.from(record.value).toString('utf8').trim()),
          })),
        ),
    })),
  },
  {
    breaks: 2,
    how: 'takes a landing that comes late as if it were new',
    mutate: replacing((lake) => ({
      land: async (topic, identity, records) => lake.land(topic, identity, await shifted(lake, topic, records)),
    })),
  },
  {
    breaks: 2,
    how: 'leaves the refused out and lands the rest',
    mutate: replacing((lake) => ({
      land: async (topic, identity, records) => {
        const next = await lake.landed(topic);
        return lake.land(
          topic,
          identity,
          records.filter((record) => record.offset >= (next[record.partition] ?? 0)),
        );
      },
    })),
  },
  {
    breaks: 3,
    how: 'forgets what came before its turn',
    mutate: replacing((lake, dir) => ({
      refresh: async () => {
        const done = await lake.refresh();
        await rm(join(dir, 'silver', 'waiting'), { recursive: true });
        await lake.open();
        return done;
      },
    })),
  },
  {
    breaks: 4,
    how: 'names only the newest of the weeks that were opened',
    mutate: replacing((lake) => ({
      refresh: async () => {
        const done = await lake.refresh();
        return ofWeeks(done, done.weeks.slice(-1));
      },
    })),
  },
  {
    breaks: 5,
    how: 'says that everything is new at each refresh',
    mutate: replacing((lake) => ({
      refresh: async () => ({ ...(await lake.refresh()), turnsAdded: (await lake.counts()).turns.silver }),
    })),
  },
  {
    breaks: 5,
    how: 'rebuilds from part of bronze',
    mutate: replacing((lake, dir) => ({
      rebuild: async () => {
        await rm(join(dir, 'bronze', 'safety_verdicts'), { recursive: true });
        await lake.open();
        return lake.rebuild();
      },
    })),
  },
  {
    breaks: 6,
    how: 'takes a failed refresh for a done one',
    mutate: replacing((lake) => ({
      refresh: () =>
        lake.refresh().catch(() => ({ turnsAdded: 0, turnsUpdated: 0, evaluationsAdded: 0, weeks: [], tookMs: 0 })),
    })),
  },
  {
    breaks: 6,
    how: 'loses its gold when a refresh fails',
    mutate: replacing((lake, dir) => ({
      refresh: () =>
        lake.refresh().catch(async (error: unknown) => {
          await rm(join(dir, 'gold'), { recursive: true });
          await lake.open();
          throw error;
        }),
    })),
  },
  {
    breaks: 7,
    how: 'removes files that a landing under way has written',
    mutate: replacing((lake) => ({
      maintain: async (options) => {
        const done = await lake.maintain({ ...options, orphanAgeMsMin: -60_000 });
        return { ...done, orphansRemoved: 1 };
      },
    })),
  },
  {
    breaks: 7,
    how: 'throws rows away with the small files',
    mutate: replacing((lake, dir) => ({
      maintain: async (options) => {
        const done = await lake.maintain(options);
        await rm(join(dir, 'silver', 'turns'), { recursive: true });
        await lake.open();
        return done;
      },
    })),
  },
  {
    breaks: 8,
    how: 'reads over a file that is damaged',
    mutate: replacing((lake) => {
      const nothing = {
        bronze: [],
        turns: { bronze: 0, silver: 0, silverDistinct: 0, gold: 0 },
        evaluations: { bronze: 0, silver: 0, silverDistinct: 0 },
      };
      return { counts: () => lake.counts().catch(() => nothing) };
    }),
  },
  {
    breaks: 8,
    how: 'does not say which file is damaged',
    mutate: replacing((lake) => ({
      counts: () =>
        lake.counts().catch(() => {
          throw Object.assign(new Error('a file is damaged'), { code: 'damaged-file' });
        }),
    })),
  },
];
