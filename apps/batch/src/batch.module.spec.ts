import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { EventLog } from '@watchkeeper/event-log';
import { Lakehouse, ReportStore } from '@watchkeeper/lakehouse';
import { Authenticator, JsonLogger, Metrics, PlatformModule, Readiness } from '@watchkeeper/platform';
import { aBatch, appendTurns } from '../../../test/fixtures/a-batch';
import { BatchModule } from './batch.module';
import { BATCH_DEFAULTS } from './batch.settings';
import { LandEventsService } from './land-events.service';
import { VerifyService } from './verify.service';

describe('BatchModule', () => {
  it('lands while it runs, is part of readiness and metrics, and lands the rest when it stops', async () => {
    const { log, lake, store, remove } = await aBatch();
    const adapters = [
      { provide: EventLog, useValue: log },
      { provide: Lakehouse, useValue: lake },
      { provide: ReportStore, useValue: store },
    ];
    @Module({ providers: adapters, exports: adapters.map(({ provide }) => provide) })
    class AdaptersModule {}
    @Module({ providers: [{ provide: Authenticator, useValue: {} }], exports: [Authenticator] })
    class AuthModule {}
    const settings = { ...BATCH_DEFAULTS, landIntervalMs: 16, codeVersion: 'test', tenants: async () => ['acme'] };
    const module = await Test.createTestingModule({
      imports: [{ module: PlatformModule, imports: [AuthModule] }, BatchModule.with(settings, [AdaptersModule])],
    })
      .setLogger(new JsonLogger('silent'))
      .compile();
    const app = await module.init();

    await appendTurns(log, { id: 'a' });
    const deadline = Date.now() + 5_000;
    while ((await lake.counts()).bronze[0]?.rows !== 1 && Date.now() < deadline)
      await new Promise((r) => setTimeout(r, 5));
    expect((await lake.counts()).bronze[0]?.rows).toBe(1);
    expect(await app.get(Readiness).faults()).toEqual([]);
    expect(await app.get(Metrics).registry.metrics()).toContain(
      'watchkeeper_lake_rows_landed_total{topic="conversation.events"} 1',
    );
    expect((await app.get(VerifyService).verify()).agrees).toBe(true);
    expect(app.get(LandEventsService)).toBeDefined();

    await appendTurns(log, { id: 'b' });
    await app.close();
    expect((await lake.counts()).bronze[0]?.rows).toBe(2);
    await remove();
  });
});
