import { ActionApp } from '../../../test/fixtures/action-app';
import { anAlert } from '../../../test/fixtures/alerts';

const FAR = '2099-01-01T00:00:00.000Z';
const BLOCKED = [
  { kind: 'block', expiresAt: FAR },
  { kind: 'notify' },
  { kind: 'review', subject: 'conversation:c-1', expiresAt: null },
] as const;

let service: ActionApp;

beforeAll(async () => {
  service = await ActionApp.start();
});

afterAll(async () => service.end());

describe('GET /v1/enforcements', () => {
  it('says who may go on, and what is in force against whom', async () => {
    const alert = anAlert({ eventId: 'e-1', userId: 'u-1', actions: BLOCKED });
    await service.applied(alert);

    const { status, body, headers } = await service.call('/v1/enforcements?subject=user:u-1', { key: 'reader' });
    const applied = await service.store.alert('acme', alert.id);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      subject: 'user:u-1',
      allowed: false,
      actions: [
        {
          id: alert.actions[0]!.id,
          kind: 'block',
          alertId: alert.id,
          category: 'violence',
          appliedAt: applied!.appliedAt,
          expiresAt: FAR,
        },
      ],
    });
    const conversation = await service.call('/v1/enforcements?subject=conversation:c-1');
    expect(conversation.body).toMatchObject({ allowed: true, actions: [{ kind: 'review', expiresAt: null }] });
  });

  it('knows nothing against an unknown subject, nor another tenant’s', async () => {
    const nothing = { subject: 'user:u-1', allowed: true, actions: [] };
    expect((await service.call('/v1/enforcements?subject=user:u-1', { key: 'zeta' })).body).toEqual(nothing);
  });

  it.each(['', '?subject=', '?subject=u-1', '?subject=user:', '?subject=user:a&subject=user:b', '?subject=user:a&x=1'])(
    'refuses %j with a problem that points at the fault',
    async (query) => {
      const { status, body, headers } = await service.call(`/v1/enforcements${query}`);
      expect(status).toBe(400);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect((body as { errors: { pointer: string }[] }).errors[0]).toMatchObject({ pointer: expect.any(String) });
    },
  );
});

describe('POST /v1/enforcements/{id}/undo', () => {
  it('takes the action back for good, and tells whoever comes second of the first', async () => {
    const alert = anAlert({ eventId: 'e-2', userId: 'u-2', actions: BLOCKED });
    await service.applied(alert);
    const path = `/v1/enforcements/${alert.actions[0]!.id}/undo`;
    const [first, second] = await Promise.all(
      ['judged wrongly', 'me too'].map((reason) => service.call(path, { method: 'POST', body: { reason } })),
    );
    const third = await service.call(path, { method: 'POST', body: { reason: 'late' } });

    expect([first!.status, second!.status, third.status]).toEqual([200, 200, 200]);
    expect(second!.body).toEqual(first!.body);
    expect(third.body).toEqual(first!.body);
    expect(first!.body).toEqual({
      id: alert.actions[0]!.id,
      undone: true,
      undoneAt: expect.any(String),
      reason: expect.stringMatching(/^(judged wrongly|me too)$/),
    });
    expect(service.metrics.undos).toBe(1);
    expect((await service.call('/v1/enforcements?subject=user:u-2')).body).toMatchObject({
      allowed: true,
      actions: [],
    });
    await service.store.apply(alert, Date.now());
    expect((await service.call('/v1/enforcements?subject=user:u-2')).body).toMatchObject({
      allowed: true,
      actions: [],
    });
  });

  it('does not know another tenant’s action, nor one that never was', async () => {
    const alert = anAlert({ eventId: 'e-3', userId: 'u-3' });
    await service.applied(alert);
    const body = { reason: 'mine' };
    const foreign = await service.call(`/v1/enforcements/${alert.actions[0]!.id}/undo`, {
      method: 'POST',
      key: 'zeta',
      body,
    });
    expect(foreign.status).toBe(404);
    expect((await service.call('/v1/enforcements/none/undo', { method: 'POST', body })).status).toBe(404);
  });

  it('needs a reason and the scope', async () => {
    const { status, body } = await service.call('/v1/enforcements/a/undo', { method: 'POST', body: { reason: ' ' } });
    expect(status).toBe(422);
    expect(body).toMatchObject({ errors: [{ pointer: '/reason' }] });
    const withoutScope = { method: 'POST', key: 'reader', body: { reason: 'x' } };
    expect((await service.call('/v1/enforcements/a/undo', withoutScope)).status).toBe(403);
  });
});
