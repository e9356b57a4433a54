import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { aReport } from '../../../../test/fixtures/a-report';
import { FileReportStore } from './file-report-store';

describe('FileReportStore', () => {
  let directory: string;
  let store: FileReportStore;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'watchkeeper-reports-'));
    store = await FileReportStore.open({ directory });
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('1. shows whole reports only, and leaves nothing half written behind', async () => {
    const folder = path.dirname(path.join(store.folderOf('acme', '2026-W47'), 'x'));
    await store.publish(aReport());
    await writeFile(path.join(folder, 'revision-2.json.0000.tmp'), '{"v":1');
    expect(await store.latest('acme', '2026-W47')).toEqual(aReport());
    expect((await readdir(folder)).toSorted()).toEqual(['revision-1.json', 'revision-2.json.0000.tmp']);
  });

  it('2. refuses a revision that was published before, also when two try at once', async () => {
    const tries = [aReport({ asOf: '1' }), aReport({ asOf: '2' })].map((report) => store.publish(report));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(store.publish(aReport())).rejects.toMatchObject({ code: 'revision-exists' });
  });

  it('3. takes the highest revision for the latest, by number, and keeps the others', async () => {
    for (const revision of [1, 2, 10, 9]) await store.publish(aReport({ revision }));
    expect((await store.latest('acme', '2026-W47'))?.revision).toBe(10);
    expect(await store.revisions('acme', '2026-W47')).toEqual([1, 2, 9, 10]);
    expect((await store.revision('acme', '2026-W47', 2))?.revision).toBe(2);
    expect(await store.revision('acme', '2026-W47', 3)).toBeUndefined();
  });

  it.each(['../acme', '..', '.', 'a/b', 'ACME', 'é'.repeat(256), '%2e%2e', 'acme '])(
    '4. keeps the tenant "%s" inside a folder of its own',
    async (tenant) => {
      await store.publish(aReport());
      await store.publish(aReport({ tenant, asOf: '2' }));
      expect((await store.latest('acme', '2026-W47'))?.tenant).toBe('acme');
      expect((await store.latest(tenant, '2026-W47'))?.tenant).toBe(tenant);
      expect(await readdir(directory)).toHaveLength(2);
      expect((await store.tenants()).toSorted()).toEqual(['acme', tenant].toSorted());
    },
  );

  it.each(['2026-W60', '../2026-W47', '..', '', '2026-W47/..', '2025-W53'])('refuses the week "%s"', async (week) => {
    await expect(store.latest('acme', week)).rejects.toMatchObject({ code: 'bad-week' });
    await expect(store.publish(aReport({ week }))).rejects.toMatchObject({ code: 'bad-week' });
  });

  it('lists weeks with a report, oldest first', async () => {
    for (const week of ['2026-W47', '2025-W52', '2026-W02']) await store.publish(aReport({ week }));
    expect(await store.weeks('acme')).toEqual(['2025-W52', '2026-W02', '2026-W47']);
    expect(await store.weeks('other')).toEqual([]);
  });

  it('names the file that is damaged', async () => {
    await store.publish(aReport());
    await writeFile(path.join(store.folderOf('acme', '2026-W47'), 'revision-2.json'), '{"v":1}');
    await expect(store.latest('acme', '2026-W47')).rejects.toMatchObject({
      code: 'damaged-report',
      message: expect.stringContaining('revision-2.json') as string,
    });
  });

  it('remembers a failure until it is cleared, and what all reports were built from', async () => {
    const failure = { week: '2026-W47', failedAt: '2026-11-20T10:00:00.000Z', message: 'the disk is full' };
    await store.recordFailure('acme', failure);
    expect(await store.lastFailure('acme')).toEqual(failure);
    await store.clearFailure('acme');
    expect(await store.lastFailure('acme')).toBeUndefined();
    expect(await store.builtFrom()).toBeUndefined();
    await store.setBuiltFrom('42');
    expect(await (await FileReportStore.open({ directory })).builtFrom()).toBe('42');
  });
});
