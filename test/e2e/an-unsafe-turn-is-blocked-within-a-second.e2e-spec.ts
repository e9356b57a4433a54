import { EventSource } from 'eventsource';
import { eventually, ServerProcess } from '../fixtures/server';

const THREAT = 'I am going to kill you tonight, I know where you live';

interface WireAlert {
  readonly id: string;
  readonly eventId: string;
  readonly appliedAt: string;
  readonly acceptedAt: string;
  readonly category: string;
  readonly actions: readonly {
    readonly id: string;
    readonly kind: string;
    readonly subject: string;
    readonly expiresAt: string | null;
  }[];
}

describe('an unsafe turn', () => {
  let server: ServerProcess;
  let source: EventSource;
  const alerts: { cursor: string; alert: WireAlert; atMs: number }[] = [];

  const listen = (lastEventId?: string) =>
    new EventSource(`${server.url}/v1/alerts/stream`, {
      fetch: (input, init) =>
        fetch(input, {
          ...init,
          headers: {
            ...init.headers,
            authorization: `Bearer ${server.key}`,
            ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
          },
        }),
    });

  beforeAll(async () => {
    server = await ServerProcess.start();
    source = listen();
    source.addEventListener('alert', (event) =>
      alerts.push({ cursor: event.lastEventId, alert: JSON.parse(String(event.data)) as WireAlert, atMs: Date.now() }),
    );
    await new Promise<void>((resolve) => source.addEventListener('open', () => resolve()));
  });
  afterAll(async () => {
    source.close();
    await server.remove();
  });

  const alertOn = (eventId: string) =>
    eventually(`the alert on ${eventId}`, async () => alerts.find(({ alert }) => alert.eventId === eventId));

  it('becomes an alert whose action is in force, within a second', async () => {
    const turn = { type: 'turn', id: 'evt-1', conversationId: 'c-1', role: 'user', userId: 'u-9', text: THREAT };
    const postedAtMs = Date.now();
    expect(await server.post('/v1/events', turn)).toMatchObject({
      status: 202,
      body: { accepted: 1, duplicate: 0, conflict: 0, invalid: 0, results: [{ id: 'evt-1', status: 'accepted' }] },
    });
    const { alert, atMs } = await alertOn('evt-1');
    expect(atMs - postedAtMs).toBeLessThan(1_000);
    expect(alert).toMatchObject({ conversationId: 'c-1', userId: 'u-9', role: 'user', policy: { id: 'default' } });
    expect(Object.keys(alert).toSorted()).toEqual(
      expect.arrayContaining([
        'acceptedAt',
        'actions',
        'appliedAt',
        'category',
        'id',
        'judgedAt',
        'model',
        'saidAt',
        'score',
        'severity',
        'threshold',
      ]),
    );
    expect(JSON.stringify(alert)).not.toContain(THREAT);
    expect(await server.get('/v1/enforcements?subject=user:u-9')).toMatchObject({
      subject: 'user:u-9',
      allowed: false,
      actions: [{ alertId: alert.id }],
    });
  });

  it('changes nothing when it is posted again', async () => {
    const turn = { type: 'turn', id: 'evt-1', conversationId: 'c-1', role: 'user', userId: 'u-9', text: THREAT };
    expect(await server.post('/v1/events', [turn, turn])).toMatchObject({
      status: 202,
      body: { accepted: 0, duplicate: 2 },
    });
    await server.post('/v1/events', { ...turn, id: 'evt-after', userId: 'u-after' });
    await alertOn('evt-after');
    expect(alerts.filter(({ alert }) => alert.eventId === 'evt-1')).toHaveLength(1);
  });

  it('is a conflict when its id comes with another body', async () => {
    const other = {
      type: 'turn',
      id: 'evt-1',
      conversationId: 'c-1',
      role: 'user',
      userId: 'u-9',
      text: 'something else',
    };
    expect(await server.post('/v1/events', other)).toMatchObject({
      status: 409,
      body: { conflict: 1, results: [{ id: 'evt-1', status: 'conflict' }] },
    });
    const fresh = { ...other, id: 'evt-fresh' };
    expect(await server.post('/v1/events', [other, fresh])).toMatchObject({
      status: 202,
      body: { conflict: 1, accepted: 1 },
    });
  });

  it('lets the user go on once the action is undone, for good', async () => {
    const before = await server.get<{ actions: { id: string }[] }>('/v1/enforcements?subject=user:u-9');
    for (const { id } of before.actions) {
      expect(await server.post(`/v1/enforcements/${id}/undo`, { reason: 'a quotation' })).toMatchObject({
        status: 200,
      });
    }
    expect(await server.get('/v1/enforcements?subject=user:u-9')).toMatchObject({ allowed: true, actions: [] });
  });

  it('can be followed until it is landed and counted in its week', async () => {
    const trail = await eventually('the landing of evt-1', async () => {
      const found = await server.get<{ landed: boolean }>('/v1/events/evt-1');
      return found.landed ? found : undefined;
    });
    expect(trail).toMatchObject({
      id: 'evt-1',
      status: 'landed',
      judged: { flagged: true },
      landed: true,
      week: expect.stringMatching(/^\d{4}-W\d{2}$/),
    });
  });

  it('is heard of again by who resumes after it, without gap or repetition', async () => {
    const [first, ...rest] = alerts;
    const heard: string[] = [];
    const again = listen(first!.cursor);
    again.addEventListener('alert', (event) => heard.push((JSON.parse(String(event.data)) as WireAlert).eventId));
    await eventually('the alerts after the first', async () => (heard.length >= rest.length ? true : undefined));
    again.close();
    expect(heard).toEqual(rest.map(({ alert }) => alert.eventId));
  });

  it('is found in the list of alerts', async () => {
    const { alerts: listed } = await server.get<{ alerts: WireAlert[] }>('/v1/alerts?userId=u-9');
    expect(listed.map((alert) => alert.eventId)).toEqual(['evt-1']);
  });
});
