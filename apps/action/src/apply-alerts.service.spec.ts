import { deadLetterSchema, TOPICS, type ActionChange, type Alert } from '@watchkeeper/domain';
import type { EventLog, StoredRecord } from '@watchkeeper/event-log';
import { ActionApp, alertRecord, until } from '../../../test/fixtures/action-app';
import { anAlert } from '../../../test/fixtures/alerts';
import { ApplyAlertsService } from './apply-alerts.service';
import { RebuildStoreService } from './rebuild-store.service';

const FAR = '2099-01-01T00:00:00.000Z';

let service: ActionApp;

beforeEach(async () => {
  service = await ActionApp.start();
});

afterEach(async () => service.end());

async function recordsOf(log: EventLog, topic: string): Promise<StoredRecord[]> {
  const partitions = await log.bounds(topic);
  const read = partitions.map(({ partition }) => log.read({ topic, partition, offset: 0 }, { recordsMax: 10_000 }));
  return (await Promise.all(read)).flat();
}

async function changesIn(log: EventLog): Promise<ActionChange[]> {
  const records = await recordsOf(log, TOPICS.actions);
  return records.map(({ value }) => JSON.parse(Buffer.from(value).toString()) as ActionChange);
}

const someAlerts = (count: number): Alert[] =>
  Array.from({ length: count }, (_, i) =>
    anAlert({
      eventId: `e-${i}`,
      conversationId: `c-${i % 5}`,
      userId: `u-${i % 3}`,
      actions: i % 4 === 0 ? [] : [{ kind: 'block', expiresAt: i % 2 === 0 ? FAR : null }, { kind: 'review' }],
    }),
  );

describe('applying alerts', () => {
  it('puts the actions in force and tells the log of each once, however often the alert is delivered', async () => {
    const alert = anAlert({ actions: [{ kind: 'block', expiresAt: FAR }] });
    await service.applied(alert);
    const apply = service.app.get(ApplyAlertsService);
    const record = { ...alertRecord(alert), key: 'k', partition: 0, offset: 0, appendedAtMs: 0 };
    const again = await apply.applyBatch({ topic: TOPICS.alerts, partition: 0, records: [record], redeliveries: 1 });
    await service.log.append(again);

    await until(async () => (await changesIn(service.log)).length > 0);
    const [change, ...more] = await changesIn(service.log);
    expect(more).toEqual([]);
    expect(change).toMatchObject({ change: 'applied', acceptedAt: alert.acceptedAt });
    expect(await service.store.inForce('acme', 'user:u-9', Date.now())).toEqual([
      change?.change === 'applied' ? change.action : undefined,
    ]);
    expect(service.metrics.latenciesMs).toHaveLength(1);
  });

  it('sets aside what is no alert, byte for byte, and applies the rest', async () => {
    const key = 'acme/c-1';
    const bad = ['not JSON', '{"v":1}', JSON.stringify({ ...anAlert(), acceptedAt: 'today' }), '\ufffd\u0000'];
    await service.log.append(bad.map((text) => ({ topic: TOPICS.alerts, key, value: Buffer.from(text) })));
    await service.applied(anAlert({ eventId: 'good' }));

    await until(async () => (await recordsOf(service.log, TOPICS.deadLetters)).length === bad.length);
    const letters = (await recordsOf(service.log, TOPICS.deadLetters)).map(({ value }) =>
      deadLetterSchema.parse(JSON.parse(Buffer.from(value).toString())),
    );
    expect(letters.map(({ payloadBase64 }) => Buffer.from(payloadBase64, 'base64').toString())).toEqual(bad);
    expect(letters.every(({ reason }) => reason.startsWith('not an alert'))).toBe(true);
    expect(service.metrics.unreadableTopics).toHaveLength(bad.length);
  });

  it('follows an undo that stands in the log only', async () => {
    const alert = anAlert({ actions: [{ kind: 'block', expiresAt: FAR }] });
    await service.applied(alert);
    const [action] = await service.store.inForce('acme', 'user:u-9', Date.now());
    const undo: ActionChange = {
      ...{ v: 1, change: 'undone', actionId: action!.id, tenant: 'acme', subject: action!.subject },
      ...{
        conversationId: 'c-1',
        reason: 'a crash came in between',
        undoneBy: 'k',
        undoneAt: new Date().toISOString(),
      },
    };
    await service.log.append([{ topic: TOPICS.actions, key: 'acme/c-1', value: Buffer.from(JSON.stringify(undo)) }]);
    await until(async () => (await service.store.inForce('acme', 'user:u-9', Date.now())).length === 0);
  });
});

describe('a store that was lost', () => {
  it('is rebuilt from the log at the next start, to the last action and undo', async () => {
    const alerts = someAlerts(60);
    await service.applied(...alerts);
    for (const i of [1, 2, 3]) {
      const path = `/v1/enforcements/${alerts[i]!.actions[0]!.id}/undo`;
      expect((await service.call(path, { method: 'POST', body: { reason: `undo ${i}` } })).status).toBe(200);
    }
    await until(async () =>
      (await service.log.lag(TOPICS.alerts, 'apply-alerts')).every(({ records }) => records === 0),
    );
    const before = await seen();
    await service.store.clear();
    await service.stop();
    service = await ActionApp.start(undefined, { dir: service.dir });

    expect(await seen()).toEqual(before);
    expect(await service.store.builtFrom()).toBe(await service.log.identity());
    await service.applied(anAlert({ eventId: 'after' }));
  });

  it('answers nobody while it is being rebuilt', async () => {
    const release = blockReads();
    await service.store.clear();
    const rebuild = service.app.get(RebuildStoreService);
    Reflect.set(rebuild, 'isBuilt', false);
    const done = rebuild.run();

    for (const path of ['/v1/enforcements?subject=user:u-9', '/v1/alerts', '/v1/alerts/x', '/v1/alerts/stream']) {
      const { status, headers } = await service.call(path);
      expect([path, status]).toEqual([path, 503]);
      expect(headers.get('retry-after')).toBe('2');
    }
    release();
    await done;
    expect((await service.call('/v1/enforcements?subject=user:u-9')).status).toBe(200);
  });
});

/** Everything that can be seen of the state, with what appliedAt an alert without actions has left out. */
async function seen(): Promise<unknown> {
  const { alerts } = await service.store.alerts('acme', {}, { size: 1_000 });
  const subjects = ['user:u-0', 'user:u-1', 'user:u-2'];
  const known = await Promise.all(
    alerts.flatMap(({ actions }) => actions.map(({ id }) => service.store.action('acme', id))),
  );
  return {
    alerts: alerts
      .map((alert) => (alert.actions.length === 0 ? { ...alert, appliedAt: '' } : alert))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    actions: known.toSorted((a, b) => (a!.id < b!.id ? -1 : 1)),
    inForce: await Promise.all(subjects.map((subject) => service.store.inForce('acme', subject, Date.now()))),
  };
}

/** Until released, the log says nothing of its bounds. */
function blockReads(): () => void {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const bounds = service.log.bounds.bind(service.log);
  jest.spyOn(service.log, 'bounds').mockImplementation(async (topic) => gate.then(async () => bounds(topic)));
  return release;
}
