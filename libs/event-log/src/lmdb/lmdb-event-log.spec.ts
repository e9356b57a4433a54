import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open as openLmdb } from 'lmdb';
import { LmdbEventLog, type LmdbEventLogSettings } from './index';
import type { NewRecord } from '../event-log';

const TOPIC = 'turns';

describe('LmdbEventLog', () => {
  let dir: string;
  const opened: LmdbEventLog[] = [];
  const open = (settings: Partial<LmdbEventLogSettings> = {}): LmdbEventLog => {
    const log = LmdbEventLog.open({ dir, redelivery: { delayMsMin: 1, delayMsMax: 10 }, ...settings });
    opened.push(log);
    return log;
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'lmdb-event-log-'));
  });

  afterEach(async () => {
    for (const log of opened.splice(0)) await log.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('keeps the partitions a topic was made with', async () => {
    const log = open({ partitions: 2, topics: { wide: 8 } });
    await log.append([aRecord(), { ...aRecord(), topic: 'wide' }]);
    await log.close();
    const again = open({ partitions: 5 });
    expect([await again.partitions(TOPIC), await again.partitions('wide'), await again.partitions('new')]).toEqual([
      2, 8, 5,
    ]);
  });

  it('refuses a log of a newer format, and says so', async () => {
    const log = open();
    await log.close();
    const root = openLmdb({ path: dir, noSubdir: false, overlappingSync: false, encoding: 'binary' });
    const meta = root.openDB<Buffer, Buffer>({ name: 'meta', encoding: 'binary', keyEncoding: 'binary' });
    const value = JSON.parse(meta.get(Buffer.from('log'))!.toString()) as object;
    await meta.put(Buffer.from('log'), Buffer.from(JSON.stringify({ ...value, formatVersion: 2 })));
    await root.close();
    expect(() => open()).toThrow(/written in format 2; this version reads 1/);
  });

  it('refuses to read a log that is not there', () => {
    expect(() => open({ dir: join(dir, 'nothing'), readOnly: true })).toThrow(/there is none/);
  });

  it('never lets the times of a partition fall', async () => {
    let nowMs = 1000;
    const log = open({ now: () => nowMs });
    await log.append([aRecord()]);
    nowMs = 400;
    await log.append([aRecord()]);
    nowMs = 1200;
    await log.append([aRecord()]);
    expect((await readAll(log)).map((record) => record.appendedAtMs)).toEqual([1000, 1000, 1200]);
  });

  it('keeps what was read when the log goes on', async () => {
    const log = open();
    await log.append([aRecord('first'), aRecord('x'.repeat(100_000))]);
    const records = await readAll(log);
    await log.append(Array.from({ length: 500 }, () => aRecord('other'.repeat(50))));
    await log.trim(TOPIC, { bytesMax: 0 });
    await log.append(Array.from({ length: 500 }, () => aRecord('again'.repeat(50))));
    await readAll(log);
    expect(records.map(({ value }) => Buffer.from(value).toString())).toEqual(['first', 'x'.repeat(100_000)]);
  });

  it('wakes a waiting reader at once, and one that looked before the append', async () => {
    const log = open();
    await log.append([aRecord()]);
    const startedAt = performance.now();
    const waiting = log.changed(TOPIC, 5000);
    await log.append([aRecord()]);
    await waiting;
    await readAll(log);
    await log.append([aRecord()]);
    await log.changed(TOPIC, 5000);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('returns from changed after the time given when nothing comes', async () => {
    const log = open();
    const startedAt = performance.now();
    await log.changed('silent', 30);
    expect(performance.now() - startedAt).toBeGreaterThan(25);
  });

  it('loses no wake-up between an empty read and the wait', async () => {
    const log = open({ partitions: 1 });
    let seen = 0;
    await log.subscribe({
      topics: [TOPIC],
      group: 'g',
      recordsMax: 10,
      handle: async ({ records }) => void (seen += records.length),
    });
    const startedAt = performance.now();
    for (let n = 1; n <= 200; n++) {
      await log.append([aRecord()]);
      await until(() => seen >= n);
    }
    // A lost one would wait for the next look, a tenth of a second at best.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(seen).toBe(200);
  });

  it('gives a group that begins at the end what is appended after it subscribed, also after a restart', async () => {
    const log = open();
    await log.append([aRecord('before')]);
    const seen: string[] = [];
    const options = {
      topics: [TOPIC],
      group: 'late',
      recordsMax: 10,
      from: 'end' as const,
      handle: async ({ records }: { records: readonly { value: Uint8Array }[] }): Promise<void> => {
        seen.push(...records.map(({ value }) => Buffer.from(value).toString()));
      },
    };
    await (await log.subscribe(options)).stop();
    await log.append([aRecord('after')]);
    await log.subscribe(options);
    await until(() => seen.length > 0);
    expect(seen).toEqual(['after']);
  });

  it('tells the lag of a group, and its age', async () => {
    let nowMs = 1000;
    const log = open({ partitions: 1, now: () => nowMs });
    await log.append([aRecord(), aRecord()]);
    nowMs = 1500;
    await log.append([aRecord()]);
    await log.seek(TOPIC, 'g', [1]);
    nowMs = 2500;
    expect(await log.lag(TOPIC, 'g')).toEqual([
      { topic: TOPIC, partition: 0, position: 1, end: 3, records: 2, oldestMs: 1500 },
    ]);
    await log.seek(TOPIC, 'g', [3]);
    expect(await log.lag(TOPIC, 'g')).toMatchObject([{ records: 0, oldestMs: 0 }]);
  });

  it('sets no position of a group that is subscribed, or beyond the end', async () => {
    const log = open({ partitions: 1 });
    const subscription = await log.subscribe({ topics: [TOPIC], group: 'g', recordsMax: 1, handle: async () => {} });
    await expect(log.seek(TOPIC, 'g', [0])).rejects.toMatchObject({ code: 'log-group-busy' });
    await subscription.stop();
    await expect(log.seek(TOPIC, 'g', [1])).rejects.toMatchObject({ code: 'log-invalid' });
    await log.seek(TOPIC, 'g', [0]);
  });

  it('drops the oldest of a whole topic until the rest is within the bytes', async () => {
    let nowMs = 0;
    const log = open({ partitions: 3, now: () => nowMs });
    for (let n = 0; n < 60; n++) {
      nowMs = n;
      await log.append([{ ...aRecord('x'.repeat(1000)), key: `${n}` }]);
    }
    await log.trim(TOPIC, { bytesMax: 20 * 1023 });
    expect((await readAll(log)).map(({ key }) => Number(key)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, n) => 40 + n),
    );
  });

  it('drops no more than it must when all have one instant', async () => {
    const log = open({ partitions: 3, now: () => 7 });
    await log.append(Array.from({ length: 60 }, (_, n) => ({ ...aRecord('x'.repeat(1000)), key: `${n % 10}` })));
    await log.trim(TOPIC, { bytesMax: 20 * 1021 });
    expect((await readAll(log)).length).toBe(20);
  });

  it('refuses appends at its bound, goes on committing positions, and takes appends again after retention', async () => {
    const log = open({ partitions: 1, mapSizeBytesMax: 12 * 1024 * 1024 });
    const list = Array.from({ length: 1000 }, () => aRecord('x'.repeat(1000)));
    const fill = async (): Promise<void> => {
      for (let n = 0; n < 100; n++) await log.append(list);
    };
    await expect(fill()).rejects.toMatchObject({ code: 'log-full' });
    await expect(log.check()).rejects.toMatchObject({ code: 'log-full' });
    await log.seek(TOPIC, 'g', [10]);
    await log.trim(TOPIC, { bytesMax: 1_000_000 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await log.check();
    await log.append([aRecord()]);
  });

  it('refuses keys that would come back as others, and appends without end', async () => {
    const log = open();
    await expect(log.append([{ ...aRecord(), key: '\ud800' }])).rejects.toMatchObject({ code: 'log-invalid' });
    await expect(log.append([{ ...aRecord(), id: 'i'.repeat(3000) }])).rejects.toMatchObject({ code: 'log-invalid' });
  });

  it('refuses everything once it is closed', async () => {
    const log = open();
    await log.close();
    await expect(log.append([aRecord()])).rejects.toMatchObject({ code: 'log-closed' });
    await expect(log.read({ topic: TOPIC, partition: 0, offset: 0 }, { recordsMax: 1 })).rejects.toMatchObject({
      code: 'log-closed',
    });
  });

  it('commits what was given to it before it closes', async () => {
    const log = open();
    const appended = log.append([aRecord()]);
    await log.close();
    expect((await appended)[0]?.outcome).toBe('appended');
  });

  it('shares one opening of a folder in a process: both see each other at once', async () => {
    const [one, two] = [open(), open()];
    await one.append([{ ...aRecord(), id: 'a' }]);
    expect((await two.append([{ ...aRecord(), id: 'a' }]))[0]?.outcome).toBe('duplicate');
    await one.close();
    await two.append([aRecord()]);
    expect((await readAll(two)).length).toBe(2);
  });
});

function aRecord(text = 'value'): NewRecord {
  return { topic: TOPIC, key: 'key', value: Buffer.from(text) };
}

async function readAll(log: LmdbEventLog): Promise<Awaited<ReturnType<LmdbEventLog['read']>>> {
  const parts = (await log.bounds(TOPIC)).map(({ partition }) =>
    log.read({ topic: TOPIC, partition, offset: 0 }, { recordsMax: 10_000 }),
  );
  return (await Promise.all(parts)).flat();
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
