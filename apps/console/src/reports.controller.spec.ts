import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ReportStore } from '@watchkeeper/lakehouse';
import { FileReportStore } from '@watchkeeper/lakehouse/reports';
import { Authenticator, createHttpApp, JsonLogger, PlatformModule } from '@watchkeeper/platform';
import type { Caller } from '@watchkeeper/domain';
import { aMetric, aReport } from '../../../test/fixtures/a-report';
import { ConsoleModule } from './console.module';
import { PAGE_POLICY } from './render-html';

const callerOf = (tenant: string, scopes: Caller['scopes']): Caller => ({ tenant, keyId: 'k', name: 'n', scopes });
const CALLERS: Readonly<Record<string, Caller>> = {
  reader: callerOf('acme', ['reports:read']),
  other: callerOf('globex', ['reports:read']),
  poster: callerOf('acme', ['ingest:write']),
};

class TableAuthenticator extends Authenticator {
  async authenticate(key: string): Promise<Caller | undefined> {
    return CALLERS[key];
  }
}

describe('the report API', () => {
  let directory: string;
  let store: FileReportStore;
  let app: NestFastifyApplication;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'watchkeeper-console-'));
    store = await FileReportStore.open({ directory });

    @Module({ providers: [{ provide: ReportStore, useValue: store }], exports: [ReportStore] })
    class StoreModule {}
    @Module({ providers: [{ provide: Authenticator, useClass: TableAuthenticator }], exports: [Authenticator] })
    class AuthModule {}
    @Module({ imports: [{ module: PlatformModule, imports: [AuthModule] }, ConsoleModule.with([StoreModule])] })
    class TestModule {}

    const logger = new JsonLogger('silent');
    app = await createHttpApp(TestModule, { logger, bodyBytesMax: 1_000, bodiesBytesMax: 10_000 });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });
  afterEach(async () => {
    await app.close();
    await rm(directory, { recursive: true, force: true });
  });

  const get = (url: string, key = 'reader') =>
    app.inject({ method: 'GET', url, headers: key ? { authorization: `Bearer ${key}` } : {} });

  it('gives the latest report as it was published', async () => {
    await store.publish(aReport());
    await store.publish(aReport({ revision: 2, changes: ['31 late turns'] }));
    const answer = await get('/v1/reports/weekly/2026-W47');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain('application/json');
    expect(answer.json()).toEqual(aReport({ revision: 2, changes: ['31 late turns'] }));
  });

  it('gives an earlier revision', async () => {
    await store.publish(aReport());
    await store.publish(aReport({ revision: 2 }));
    expect((await get('/v1/reports/weekly/2026-W47?revision=1')).json()).toEqual(aReport());
    expect((await get('/v1/reports/weekly/2026-W47?revision=3')).statusCode).toBe(404);
  });

  it.each(['2026-W60', '..%2f', '..%2F..%2Fetc%2Fpasswd', '2026-W47%00', '2026-W47.htm', 'x'.repeat(900)])(
    'answers 400 to the week %s',
    async (week) => {
      const answer = await get(`/v1/reports/weekly/${week}`);
      expect(answer.statusCode).toBe(400);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    },
  );

  it.each(['0', '-1', '1.5', 'x', '1&revision=2'])('answers 400 to the revision %s', async (revision) => {
    await store.publish(aReport());
    expect((await get(`/v1/reports/weekly/2026-W47?revision=${revision}`)).statusCode).toBe(400);
  });

  it("answers 404 to a week without a report, and to another tenant's", async () => {
    await store.publish(aReport());
    expect((await get('/v1/reports/weekly/2026-W46')).statusCode).toBe(404);
    expect((await get('/v1/reports/weekly/2026-W47', 'other')).statusCode).toBe(404);
  });

  it.each(['', '/2026-W47', '/2026-W47.html'])('wants a key that may read reports for weekly%s', async (route) => {
    expect((await get(`/v1/reports/weekly${route}`, '')).statusCode).toBe(401);
    expect((await get(`/v1/reports/weekly${route}`, 'poster')).statusCode).toBe(403);
  });

  it('gives the page, with a policy that lets nothing in', async () => {
    await store.publish(aReport({ week: '2026-W46' }));
    await store.publish(aReport());
    const answer = await get('/v1/reports/weekly/2026-W47.html');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-security-policy']).toBe(PAGE_POLICY);
    expect(answer.body).toContain('<h1>Weekly quality, 2026-W47</h1>');
    expect(answer.body).toContain('<th scope="row">2026-W46</th>');
  });

  it('lists the weeks, newest first, and the failure that still stands', async () => {
    const failure = { week: '2026-W47', failedAt: '2026-11-20T10:00:00.000Z', message: 'the disk is full' };
    await store.publish(aReport({ week: '2026-W46' }));
    await store.publish(aReport());
    await store.recordFailure('acme', failure);
    const { reports, lastFailure } = (await get('/v1/reports/weekly')).json();
    expect(reports.map((report: { week: string }) => report.week)).toEqual(['2026-W47', '2026-W46']);
    expect(lastFailure).toEqual(failure);
  });

  it('tells two weeks apart, by the intervals of their difference', async () => {
    const metrics = (hallucinations: number, labels: number) => ({
      ...aReport().metrics,
      hallucinationRate: aMetric({ estimate: hallucinations / labels, labels }),
    });
    await store.publish(aReport({ week: '2026-W46', metrics: metrics(45, 500) }));
    await store.publish(aReport({ metrics: metrics(60, 520) }));
    const { metrics: differences } = (await get('/v1/reports/diff?from=2026-W46&to=2026-W47')).json();
    expect(differences[1]).toMatchObject({ metric: 'hallucinationRate', method: 'newcombe', real: false });
    expect(differences[1].low).toBeCloseTo(-0.012174621087, 9);
    expect(differences[2]).toMatchObject({ metric: 'satisfaction', method: 'welch', difference: 0 });
  });

  it('does not test two revisions of one week against each other', async () => {
    await store.publish(aReport());
    await store.publish(aReport({ revision: 2, counts: { ...aReport().counts, turns: 4_031 } }));
    const diff = (await get('/v1/reports/diff?from=2026-W47@1&to=2026-W47@2')).json();
    expect(diff.counts.turns).toEqual({ from: 4_000, to: 4_031, difference: 31 });
    expect(diff.metrics[0]).not.toHaveProperty('real');
  });

  it.each(['', '?from=2026-W47', '?from=2026-W47&to=2026-W60', '?from=2026-W47&to=2026-W47@x'])(
    'answers 400 to diff%s',
    async (query) => {
      await store.publish(aReport());
      expect((await get(`/v1/reports/diff${query}`)).statusCode).toBe(400);
    },
  );
});
