import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog } from '@watchkeeper/event-log';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import { EVENT_LOG_PROMISES, type EventLogHarness, type EventLogPromise } from './event-log.contract';
import { EVENT_LOG_MUTANTS } from './mutants/event-log.mutants';

/** Runs a check on a log of its own, and clears up whatever comes of it. */
async function onLmdb(promise: EventLogPromise, mutate: (log: EventLog) => EventLog = (log) => log): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'event-log-contract-'));
  const opened: EventLog[] = [];
  const harness: EventLogHarness = {
    capabilities: { hasTransactionalOutputs: true, hasExactIds: true },
    open: async () => {
      const log = LmdbEventLog.open({ dir, redelivery: { delayMsMin: 2, delayMsMax: 20 } });
      opened.push(log);
      return mutate(log);
    },
  };
  try {
    await promise.check(harness);
  } finally {
    for (const log of opened) await log.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('LmdbEventLog keeps the promises of EventLog', () => {
  it.each(EVENT_LOG_PROMISES)('$number. $title', (promise) => onLmdb(promise));
});

describe('the contract of EventLog catches an adapter that', () => {
  it.each(EVENT_LOG_MUTANTS)('breaks promise $breaks: $what', async ({ breaks, mutate }) => {
    const promise = EVENT_LOG_PROMISES.find(({ number }) => number === breaks)!;
    await expect(onLmdb(promise, mutate)).rejects.toMatchObject({ code: 'ERR_ASSERTION' });
  });

  it('breaks any of the ten: each has a mutant', () => {
    const broken = new Set(EVENT_LOG_MUTANTS.map((mutant) => mutant.breaks));
    expect([...broken].toSorted((a, b) => a - b)).toEqual(EVENT_LOG_PROMISES.map(({ number }) => number));
  });
});
