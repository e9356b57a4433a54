import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { LmdbActionStore } from '@watchkeeper/action-store/lmdb';
import { ActionApp, KeptMetrics, ListedEndpoints, until } from '../../../test/fixtures/action-app';
import { anAlert } from '../../../test/fixtures/alerts';
import { ActionSettings, type WebhookSettings } from './action.settings';
import { AttemptDeliveryService } from './attempt-delivery.service';
import { Clock } from './clock';
import { DeliverWebhooksService } from './deliver-webhooks.service';
import { DELAYS_MS, type WebhookAnswer } from './webhook-schedule';
import { WebhookSender, type WebhookCall } from './webhook-sender';

class SetClock extends Clock {
  atMs = 1_000_000;

  nowMs(): number {
    return this.atMs;
  }

  random(): number {
    return 0;
  }
}

/** Answers as it is told, and keeps what it was sent. */
class ScriptedSender extends WebhookSender {
  readonly calls: WebhookCall[] = [];
  answer: (call: WebhookCall) => WebhookAnswer | Promise<WebhookAnswer> = () => ({ outcome: 'answered', status: 200 });

  async check(): Promise<never> {
    throw new Error('not asked here');
  }

  async send(call: WebhookCall): Promise<WebhookAnswer> {
    this.calls.push(call);
    return this.answer(call);
  }
}

// What it warns of here is what is tested.
beforeAll(() => Logger.overrideLogger(false));

let dir: string;
let store: LmdbActionStore;
let endpoints: ListedEndpoints;
let sender: ScriptedSender;
let metrics: KeptMetrics;
let clock: SetClock;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'webhooks-'));
  store = await LmdbActionStore.open({ dir });
  [endpoints, sender, metrics, clock] = [
    new ListedEndpoints(),
    new ScriptedSender(),
    new KeptMetrics(),
    new SetClock(),
  ];
  await endpoints.create('acme', 'https://hooks.example.com/');
});

afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

function aService(parts: Partial<WebhookSettings> = {}): DeliverWebhooksService {
  const settings = new ActionSettings({ webhooks: parts });
  const attempts = new AttemptDeliveryService(endpoints, sender, metrics, clock, settings);
  return new DeliverWebhooksService(store, attempts, settings, clock);
}

async function enqueue(...ids: readonly string[]): Promise<void> {
  const common = { tenant: 'acme', endpointId: 'endpoint-1', body: '{}', attempts: 0, dueAtMs: clock.atMs };
  await store.enqueue(ids.map((id) => ({ id, ...common })));
}

async function round(service: DeliverWebhooksService): Promise<void> {
  await service.startDue();
  await service.idle();
}

describe('delivering webhooks', () => {
  it('calls again on the schedule under one id, and gives up after the tenth call', async () => {
    sender.answer = () => ({ outcome: 'answered', status: 500 });
    const service = aService({ breakerFailures: 100 });
    await enqueue('d-1');
    for (const delayMs of DELAYS_MS) {
      clock.atMs += delayMs - 1;
      await round(service);
      clock.atMs += 1;
      await round(service);
    }
    expect(sender.calls.map(({ id }) => id)).toEqual(Array(10).fill('d-1'));
    expect(sender.calls.map(({ atMs }, i) => atMs - (sender.calls[i - 1]?.atMs ?? 1_000_000))).toEqual(DELAYS_MS);
    expect(metrics.webhooks.at(-1)).toBe('given-up');
    expect(await store.pendingDeliveries()).toBe(0);
  });

  it('disables an endpoint that answers 410, and drops what still waits for it', async () => {
    sender.answer = () => ({ outcome: 'answered', status: 410 });
    const service = aService({ callsPerEndpointMax: 1 });
    await enqueue('d-1', 'd-2');
    await round(service);
    clock.atMs += 1_000;
    await round(service);

    expect(sender.calls).toHaveLength(1);
    expect(endpoints.endpoints[0]!.disabledReason).toContain('410');
    expect(await store.pendingDeliveries()).toBe(0);
  });

  it('opens the breaker after failures in a row, then lets one call try', async () => {
    sender.answer = () => ({ outcome: 'failed', reason: 'timeout' });
    const service = aService({ breakerFailures: 3, breakerMs: 1_000, callsPerEndpointMax: 3 });
    await enqueue('d-1', 'd-2', 'd-3');
    await round(service);
    await enqueue('d-4', 'd-5');
    await round(service);
    expect(sender.calls).toHaveLength(3);

    clock.atMs += 1_000;
    sender.answer = () => ({ outcome: 'answered', status: 204 });
    await round(service);
    expect(sender.calls).toHaveLength(4);
    clock.atMs += 10_000;
    await round(service);
    expect(metrics.webhooks.filter((outcome) => outcome === 'delivered').length).toBeGreaterThanOrEqual(4);
  });

  it('makes only so many calls at once to one endpoint', async () => {
    let inFlight = 0;
    let most = 0;
    sender.answer = async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inFlight--;
      return { outcome: 'answered', status: 200 };
    };
    const service = aService({ callsPerEndpointMax: 2 });
    await enqueue(...Array.from({ length: 10 }, (_, i) => `d-${i}`));
    for (let i = 0; i < 10 && (await store.pendingDeliveries()) > 0; i++) {
      await round(service);
      clock.atMs += 1_000;
    }
    expect(most).toBe(2);
    expect(sender.calls).toHaveLength(10);
  });

  it('claims again what a process that died had claimed', async () => {
    await enqueue('d-1');
    await store.claim(clock.atMs, 60_000, 1);
    const service = aService();
    await round(service);
    expect(sender.calls).toHaveLength(0);
    clock.atMs += 60_000;
    await round(service);
    expect(sender.calls).toHaveLength(1);
  });
});

describe('webhooks over HTTP', () => {
  let receiver: Server;
  let service: ActionApp;
  const received: { readonly id: string; readonly payload: { type: string; data: unknown } }[] = [];

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        const payload = new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw').verify(text, headers);
        received.push({ id: headers['webhook-id']!, payload: payload as { type: string; data: unknown } });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    service = await ActionApp.start(
      new ActionSettings({ webhooks: { allowHttp: true, allowPrivate: true, pollMs: 20 } }),
    );
  });

  afterAll(async () => {
    await service.end();
    receiver.close();
  });

  it('are set, tested, called for a notify action once, listed without their secret, and removed', async () => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`;
    const created = await service.call('/v1/webhooks', { method: 'POST', body: { url } });
    expect(created).toMatchObject({ status: 201, body: { url, secret: expect.stringMatching(/^whsec_/) } });
    const { id } = created.body as { id: string };

    const tested = await service.call(`/v1/webhooks/${id}/test`, { method: 'POST' });
    expect(tested).toMatchObject({ status: 200, body: { delivered: true, status: 204 } });
    const alert = anAlert({ actions: [{ kind: 'notify' }] });
    await service.applied(alert, anAlert({ eventId: 'quiet', actions: [{ kind: 'review' }] }));
    await until(() => received.length === 2);
    expect(received.map(({ payload }) => payload.type)).toEqual(['webhook.test', 'alert.created']);
    expect(received[1]!.payload.data).toEqual((await service.call(`/v1/alerts/${alert.id}`)).body);

    const listed = await service.call('/v1/webhooks');
    expect(listed.body).toMatchObject({ webhooks: [{ id, url }] });
    expect(JSON.stringify(listed.body)).not.toContain('whsec_');
    expect((await service.call(`/v1/webhooks/${id}`, { method: 'DELETE', key: 'zeta' })).status).toBe(404);
    expect((await service.call(`/v1/webhooks/${id}/test`, { method: 'POST', key: 'zeta' })).status).toBe(404);
    expect((await service.call('/v1/webhooks', { key: 'reader' })).status).toBe(403);
    expect((await service.call(`/v1/webhooks/${id}`, { method: 'DELETE' })).status).toBe(204);
  });

  it('refuse a URL that must not be called', async () => {
    const { status, body } = await service.call('/v1/webhooks', { method: 'POST', body: { url: 'ftp://example.com' } });
    expect(status).toBe(422);
    expect(body).toMatchObject({ errors: [{ pointer: '/url' }] });
  });
});
