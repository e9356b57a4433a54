import { ActionApp } from '../../../test/fixtures/action-app';
import { anAlert } from '../../../test/fixtures/alerts';

let service: ActionApp;

const ALERTS = Array.from({ length: 7 }, (_, i) =>
  anAlert({ eventId: `e-${i}`, conversationId: `c-${i % 2}`, severity: i % 2 === 0 ? 'low' : 'critical', actions: [] }),
);

beforeAll(async () => {
  service = await ActionApp.start();
  await service.applied(...ALERTS, anAlert({ tenant: 'zeta', eventId: 'foreign' }));
});

afterAll(async () => service.end());

interface Page {
  readonly alerts: readonly { readonly id: string; readonly eventId: string; readonly appliedAt: string }[];
  readonly next?: string;
}

describe('GET /v1/alerts', () => {
  it('lists every alert of the tenant once, page by page, newest first', async () => {
    const seen: Page['alerts'][number][] = [];
    let page: Page = { alerts: [] };
    do {
      const cursor = page.next === undefined ? '' : `&cursor=${page.next}`;
      page = (await service.call(`/v1/alerts?limit=3${cursor}`)).body as Page;
      seen.push(...page.alerts);
    } while (page.next !== undefined);

    expect(seen.map(({ eventId }) => eventId).toSorted()).toEqual(ALERTS.map(({ eventId }) => eventId));
    const times = seen.map(({ appliedAt }) => appliedAt);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it.each([
    ['minSeverity=high', ['e-1', 'e-3', 'e-5']],
    ['conversationId=c-1', ['e-1', 'e-3', 'e-5']],
    ['eventId=e-4', ['e-4']],
    ['category=hate', []],
    ['userId=u-9&minSeverity=critical&eventId=e-3', ['e-3']],
    ['to=2020-01-01T00:00:00Z', []],
  ])('filters by %s', async (query, expected) => {
    const { alerts } = (await service.call(`/v1/alerts?${query}`)).body as Page;
    expect(alerts.map(({ eventId }) => eventId).toSorted()).toEqual(expected);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'category=none', 'from=yesterday', 'cursor=x', 'minSeverty=high'])(
    'refuses ?%s with 400',
    async (query) => {
      const { status, body } = await service.call(`/v1/alerts?${query}`);
      expect(status).toBe(400);
      expect(body).toMatchObject({ type: 'urn:watchkeeper:problem:bad-request', errors: expect.any(Array) });
    },
  );
});

describe('GET /v1/alerts/{id}', () => {
  it('gives the alert in the shape of the wire contract', async () => {
    const alert = anAlert({ eventId: 'e-wire', actions: [{ kind: 'block', expiresAt: '2099-01-01T00:00:00.000Z' }] });
    await service.applied(alert);
    const { status, body } = await service.call(`/v1/alerts/${alert.id}`);

    expect(status).toBe(200);
    expect(body).toEqual({
      id: alert.id,
      eventId: 'e-wire',
      conversationId: 'c-1',
      userId: 'u-9',
      role: 'user',
      category: 'violence',
      severity: 'high',
      score: 0.97,
      threshold: 0.8,
      policy: alert.policy,
      model: alert.model,
      actions: [
        { id: alert.actions[0]!.id, kind: 'block', subject: 'user:u-9', expiresAt: '2099-01-01T00:00:00.000Z' },
      ],
      saidAt: alert.saidAt,
      acceptedAt: alert.acceptedAt,
      judgedAt: alert.judgedAt,
      appliedAt: expect.stringMatching(/Z$/),
      source: 'chat-web',
      ruleId: 'violence-user',
    });
  });

  it('does not know another tenant’s', async () => {
    expect((await service.call(`/v1/alerts/${ALERTS[0]!.id}`, { key: 'zeta' })).status).toBe(404);
    expect((await service.call(`/v1/alerts/${ALERTS[0]!.id}`, { key: 'nobody' })).status).toBe(401);
  });
});
