import { get, type IncomingMessage } from 'node:http';
import { EventSource } from 'eventsource';
import { TOPICS, type Alert } from '@watchkeeper/domain';
import { ActionApp, until } from '../../../test/fixtures/action-app';
import { anAlert } from '../../../test/fixtures/alerts';
import { ActionSettings } from './action.settings';
import { AlertFeedService } from './alert-feed.service';
import { readCursor } from './stream-cursor';

const SETTINGS = new ActionSettings({
  stream: { retryMs: 20, keepAliveMs: 50, clientsMax: 5, pendingEventsMax: 300, pendingBytesMax: 1024 * 1024 },
});

let service: ActionApp;
let listeners: Listener[];

beforeEach(async () => {
  service = await ActionApp.start(SETTINGS);
  listeners = [];
});

afterEach(async () => {
  for (const listener of listeners) listener.source.close();
  await service.end();
});

interface Listener {
  readonly source: EventSource;
  readonly heard: { readonly id: string; readonly eventId: string; readonly atMs: number }[];
  readonly gaps: { readonly from: string }[];
}

/** The npm client of the standard, which comes back by itself. */
function listen(query = '', key = 'acme'): Listener {
  const source = new EventSource(`${service.url}/v1/alerts/stream${query}`, {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${key}` } }),
  });
  const listener: Listener = { source, heard: [], gaps: [] };
  source.addEventListener('alert', (event) => {
    const { eventId } = JSON.parse(String(event.data)) as Alert;
    listener.heard.push({ id: event.lastEventId, eventId, atMs: Date.now() });
  });
  source.addEventListener('gap', (event) => listener.gaps.push(JSON.parse(String(event.data)) as { from: string }));
  listeners.push(listener);
  return listener;
}

async function listening(query = '', key = 'acme'): Promise<Listener> {
  const feed = service.app.get(AlertFeedService);
  const before = feed.liveClients;
  const listener = listen(query, key);
  await until(() => feed.liveClients > before);
  return listener;
}

/** The stream as bytes. */
async function connect(query = '', headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const url = `${service.url}/v1/alerts/stream${query}`;
    get(url, { headers: { authorization: 'Bearer acme', ...headers } }, resolve).on('error', reject);
  });
}

const eventIds = (listener: Listener): string[] => listener.heard.map(({ eventId }) => eventId).toSorted();

function alerts(count: number, from = 0, parts: Parameters<typeof anAlert>[0] = {}): Alert[] {
  return Array.from({ length: count }, (_, i) =>
    anAlert({ eventId: `e-${String(from + i).padStart(5, '0')}`, conversationId: `c-${i % 7}`, ...parts }),
  );
}

describe('GET /v1/alerts/stream', () => {
  it('tells of an alert as soon as its actions are in force, in the shape of the wire contract', async () => {
    const stream = await connect();
    const text = readAll(stream);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    await until(() => text().includes('id: '));
    const [alert] = alerts(1);
    await service.append(alert!);
    await until(() => text().includes('event: alert'));

    const [, event] = /\n\n(id: \S+\nevent: alert\ndata: .*\n\n)/.exec(text()) ?? [];
    const wire = JSON.parse(/data: (.*)\n/.exec(event!)![1]!) as unknown;
    expect(text()).toMatch(/^retry: 20\n\n/);
    expect(wire).toEqual((await service.call(`/v1/alerts/${alert!.id}`)).body);
    expect((await service.store.inForce('acme', 'user:u-9', 0)).map(({ alertId }) => alertId)).toEqual([alert!.id]);
    stream.destroy();
  });

  it('tells live listeners only what comes after they came, and others from the start', async () => {
    await service.applied(...alerts(3));
    await settled();
    const live = await listening();
    const all = await listening('?from=start');
    await service.append(...alerts(2, 3));
    await until(() => all.heard.length === 5 && live.heard.length === 2);

    expect(eventIds(live)).toEqual(['e-00003', 'e-00004']);
    expect(eventIds(all)).toEqual(['e-00000', 'e-00001', 'e-00002', 'e-00003', 'e-00004']);
  });

  it('filters by category and severity, and keeps tenants apart', async () => {
    const severe = await listening('?minSeverity=high&category=hate');
    const foreign = await listening('', 'zeta');
    await service.append(
      ...alerts(1, 0, { category: 'hate', severity: 'low' }),
      ...alerts(1, 1, { category: 'violence', severity: 'critical' }),
      ...alerts(1, 2, { category: 'hate', severity: 'critical' }),
      ...alerts(1, 3, { tenant: 'zeta' }),
    );
    await until(() => severe.heard.length === 1 && foreign.heard.length === 1);

    expect(eventIds(severe)).toEqual(['e-00002']);
    expect(eventIds(foreign)).toEqual(['e-00003']);
  });

  it('resumes by Last-Event-ID after every cut: no gap, no repeat', async () => {
    const listener = await listening('?from=start');
    for (let i = 0; i < 20; i++) {
      await service.append(...alerts(10, i * 10));
      // A cut at whatever byte the stream has come to.
      if (i % 2 === 0) cutAll();
      await new Promise((resolve) => setTimeout(resolve, (i * 7) % 30));
    }
    await until(() => listener.heard.length >= 200);
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(eventIds(listener)).toEqual(alerts(200).map(({ eventId }) => eventId));
    expect(listener.gaps).toEqual([]);
  });

  it('resumes after a restart of the service', async () => {
    const stream = await connect('?from=start');
    const text = readAll(stream);
    await service.append(...alerts(3));
    await until(() => text().split('event: alert').length === 4);
    const lastEventId = [...text().matchAll(/id: (\S+)\n/g)].at(-1)![1]!;
    await service.stop();
    service = await ActionApp.start(SETTINGS, { dir: service.dir });
    await service.append(...alerts(2, 3));
    const resumed = readAll(await connect('', { 'last-event-id': lastEventId }));
    await until(() => resumed().split('event: alert').length === 3);

    const resumedIds = [...resumed().matchAll(/"eventId":"(e-\d+)"/g)].map(([, id]) => id);
    expect(new Set(resumedIds)).toEqual(new Set(['e-00003', 'e-00004']));
    expect(resumedIds).toHaveLength(2);
  });

  it('prefers the header to ?lastEventId=, and takes the latter from clients without headers', async () => {
    const stream = readAll(await connect('?from=start'));
    await service.append(...alerts(2));
    await until(() => stream().split('event: alert').length === 3);
    const [first, second] = [...stream().matchAll(/id: (\S+)\nevent: alert/g)].map(([, id]) => id!);
    const byQuery = readAll(await connect(`?lastEventId=${first}`));
    const byHeader = readAll(await connect(`?lastEventId=${first}`, { 'last-event-id': second! }));
    await until(() => byQuery().includes('event: alert') && byHeader().includes('id: '));
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(byQuery().split('event: alert')).toHaveLength(2);
    expect(byHeader()).not.toContain('event: alert');
  });

  it('says so when retention has dropped what the client has not seen', async () => {
    const stream = readAll(await connect('?from=start'));
    await service.append(...alerts(1));
    await until(() => stream().includes('event: alert'));
    const [, cursor] = /id: (\S+)\nevent: alert/.exec(stream())!;
    await service.applied(...alerts(20, 1));
    await settled();
    await service.log.trim(TOPICS.alerts, { bytesMax: 0 });
    await service.applied(...alerts(7, 100));
    const resumed = readAll(await connect(`?lastEventId=${cursor}`));
    await until(() => [...resumed().matchAll(/"eventId":"e-001/g)].length === 7);

    expect(resumed()).toMatch(/event: gap\ndata: {"from":"[^"]+","reason":"retention"}\n\n/);
    // Every gap stands before what follows it, and is passed by whoever resumes behind it.
    const [, behind] = /id: (\S+)\nevent: gap/.exec(resumed())!;
    expect(readCursor(behind!)!.offsets.some((offset, i) => offset > readCursor(cursor!)!.offsets[i]!)).toBe(true);
  });

  it('says so when the cursor is of another log, and begins with what there is', async () => {
    await service.applied(...alerts(1));
    const other = Buffer.from('1.00000000.5.5.5.5').toString('base64url');
    const resumed = readAll(await connect(`?lastEventId=${other}`));
    await until(() => resumed().includes('event: alert'));
    expect(resumed().indexOf('"reason":"another log"')).toBeGreaterThan(0);
  });

  it.each(['nonsense', 'MS4wLjA', '"', Buffer.from('2.00000000.1').toString('base64url')])(
    'refuses the cursor %j with 400',
    async (cursor) => {
      const { status, body } = await service.call(`/v1/alerts/stream?lastEventId=${encodeURIComponent(cursor)}`);
      expect(status).toBe(400);
      expect(body).toMatchObject({ errors: [{ pointer: '/lastEventId' }] });
    },
  );

  it('refuses a cursor beyond the end of this log', async () => {
    const text = readAll(await connect());
    await until(() => text().includes('id: '));
    const cursor = readCursor(/id: (\S+)/.exec(text())![1]!)!;
    const ahead = Buffer.from(`1.${cursor.log}.${cursor.offsets.map((offset) => offset + 9).join('.')}`);
    const { status } = await service.call(`/v1/alerts/stream?lastEventId=${ahead.toString('base64url')}`);
    expect(status).toBe(400);
  });

  it('keeps the line alive', async () => {
    const stream = readAll(await connect());
    await until(() => stream().split(': keep-alive\n').length > 3);
  });

  it('takes so many listeners and no more', async () => {
    const open = await Promise.all([1, 2, 3, 4, 5].map(async () => connect()));
    await until(() => service.metrics.clients === 5);
    const { status, headers } = await service.call('/v1/alerts/stream');
    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    open[0]!.destroy();
    await until(() => service.metrics.clients === 4);
    await listening();
  });

  it('closes a listener that does not read, and the others hear everything in time', async () => {
    const slow = await connect();
    slow.pause();
    const fast = await listening();
    const wanted = 4_000;
    let sent = 0;
    for (; sent < wanted; sent += 100) {
      await service.append(...alerts(100, sent, { source: 's'.repeat(250), ruleId: 'r'.repeat(4_000) }));
      await until(() => fast.heard.length >= sent + 100);
      if (service.metrics.closed.includes('slow')) break;
    }
    expect(service.metrics.closed).toEqual(['slow']);
    expect(new Set(eventIds(fast)).size).toBe(fast.heard.length);
    slow.destroy();
  });

  it('lets every listener go when the service stops, also one that does not read', async () => {
    const stream = await connect();
    const ended = new Promise((resolve) => stream.once('end', resolve));
    stream.resume();
    const stalled = await connect('?from=start');
    stalled.pause();
    await until(() => service.metrics.clients === 2);
    const startedAtMs = Date.now();
    await Promise.all([service.stop(10_000), ended]);
    expect(Date.now() - startedAtMs).toBeLessThan(3_000);
    service = await ActionApp.start(SETTINGS, { dir: service.dir });
  });
});

/** All that has come so far. */
function readAll(stream: IncomingMessage): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  stream.on('error', () => undefined);
  return () => text;
}

function cutAll(): void {
  const server = service.app.getHttpServer() as { closeAllConnections(): void };
  server.closeAllConnections();
}

/** Until the group that applies has committed everything. */
async function settled(): Promise<void> {
  await until(async () => (await service.log.lag(TOPICS.alerts, 'apply-alerts')).every(({ records }) => records === 0));
}
