import { eventually, ServerProcess } from '../fixtures/server';

const THREAT = 'I am going to kill you tonight';

describe('a tenant', () => {
  let server: ServerProcess;
  let other: string;
  let alertId = '';
  let actionId = '';

  const keyFor = async (tenant: string) => {
    const { body } = await server.post('/v1/keys', { name: 'app', scopes: ['admin'], tenant });
    return String(body['key']);
  };

  beforeAll(async () => {
    server = await ServerProcess.start();
    other = await keyFor('other');
    const turn = { type: 'turn', id: 'evt-1', conversationId: 'c-1', role: 'user', userId: 'u-1', text: THREAT };
    await server.post('/v1/events', turn);
    const alert = await eventually('the alert', async () => {
      const { alerts } = await server.get<{ alerts: { id: string; actions: { id: string }[] }[] }>('/v1/alerts');
      return alerts[0];
    });
    alertId = alert.id;
    actionId = alert.actions[0]!.id;
    await server.post('/v1/verify', {});
  });
  afterAll(() => server.remove());

  it.each<[string, string, () => string]>([
    ['event', 'GET', () => '/v1/events/evt-1?source=admin'],
    ['alert', 'GET', () => `/v1/alerts/${alertId}`],
    ['action', 'POST', () => `/v1/enforcements/${actionId}/undo`],
    ['report', 'GET', () => `/v1/reports/weekly/${weekNow()}`],
    ['keys', 'GET', () => '/v1/keys?tenant=default'],
    ['dead letter', 'GET', () => '/v1/dead-letters/none'],
  ])("is answered 404 for another's %s", async (_, method, path) => {
    const init = method === 'POST' ? { body: '{"reason":"r"}', headers: { 'content-type': 'application/json' } } : {};
    expect((await server.fetch(path(), { method, key: other, ...init })).status).toBe(404);
  });

  it("finds nothing of another's in lists, and nobody blocked by another's alert", async () => {
    const get = async (path: string) => (await server.fetch(path, { key: other })).json();
    expect(await get('/v1/alerts')).toMatchObject({ alerts: [] });
    expect(await get('/v1/reports/weekly')).toMatchObject({ reports: [] });
    expect(await get('/v1/enforcements?subject=user:u-1')).toMatchObject({ allowed: true, actions: [] });
    expect(await server.get('/v1/enforcements?subject=user:u-1')).toMatchObject({ allowed: false });
  });

  it('may use the ids of another as its own', async () => {
    const turn = {
      type: 'turn',
      id: 'evt-1',
      conversationId: 'c-1',
      role: 'user',
      userId: 'u-1',
      text: 'good morning',
    };
    const posted = await server.fetch('/v1/events', {
      method: 'POST',
      key: other,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(turn),
    });
    expect(await posted.json()).toMatchObject({ accepted: 1, conflict: 0 });
  });

  it('cannot make keys for another', async () => {
    const made = await server.fetch('/v1/keys', {
      method: 'POST',
      key: other,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x', scopes: ['admin'], tenant: 'default' }),
    });
    expect(made.status).toBe(404);
  });
});

function weekNow(): string {
  const date = new Date();
  date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const day = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000;
  return `${date.getUTCFullYear()}-W${String(1 + Math.floor(day / 7)).padStart(2, '0')}`;
}
