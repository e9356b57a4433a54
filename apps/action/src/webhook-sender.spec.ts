import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { ActionSettings, type WebhookSettings } from './action.settings';
import { HttpWebhookSender, signedHeaders } from './webhook-sender';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

type Handler = (request: IncomingMessage & { readonly text: string }, response: ServerResponse) => void;

/** A receiver for the time of one test. */
async function withReceiver(handle: Handler, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => handle(Object.assign(request, { text }), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function aSender(parts: Partial<WebhookSettings> = {}): HttpWebhookSender {
  const settings = new ActionSettings({ webhooks: { allowHttp: true, allowPrivate: true, ...parts } });
  return new HttpWebhookSender(settings.webhooks);
}

const aCall = (url: string) => ({
  url,
  secret: SECRET,
  id: 'msg_1',
  body: '{"type":"alert.created"}',
  atMs: Date.now(),
});

describe('a webhook call', () => {
  it('is signed as Standard Webhooks says (their test vector)', () => {
    const call = {
      secret: SECRET,
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      body: '{"test": 2432232314}',
      atMs: 1_614_265_330_000,
    };
    expect(signedHeaders(call)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is taken by the official library of receivers', async () => {
    let verified: unknown;
    const receive: Handler = (request, response) => {
      verified = new Webhook(SECRET).verify(request.text, request.headers as Record<string, string>);
      expect(request.headers['content-type']).toBe('application/json');
      response.end('thanks');
    };
    await withReceiver(receive, async (url) => {
      expect(await aSender().send(aCall(url))).toEqual({ outcome: 'answered', status: 200 });
    });
    expect(verified).toEqual({ type: 'alert.created' });
  });

  it('follows no redirect', async () => {
    const asked: (string | undefined)[] = [];
    const redirect: Handler = (request, response) => {
      asked.push(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    };
    await withReceiver(redirect, async (url) => {
      expect(await aSender().send(aCall(url))).toEqual({ outcome: 'answered', status: 302 });
    });
    expect(asked).toEqual(['/hook']);
  });

  it('tells of Retry-After', async () => {
    await withReceiver(
      (_request, response) => response.writeHead(429, { 'retry-after': '7' }).end(),
      async (url) => {
        expect(await aSender().send(aCall(url))).toEqual({ outcome: 'answered', status: 429, retryAfterMs: 7_000 });
      },
    );
  });

  it('reads no more of the answer than it must', async () => {
    await withReceiver(
      (_request, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(16 * 1024)));
          response.once('drain', more);
        };
        more();
      },
      async (url) => expect(await aSender().send(aCall(url))).toEqual({ outcome: 'answered', status: 200 }),
    );
  });

  it('gives up after its timeout, whether the answer never begins or never ends', async () => {
    for (const handle of [() => undefined, (_: unknown, response: ServerResponse) => void response.write('…')]) {
      await withReceiver(handle, async (url) => {
        const answer = await aSender({ timeoutMs: 100 }).send(aCall(url));
        expect(answer).toEqual({ outcome: 'failed', reason: 'timeout' });
      });
    }
  });

  it('fails as a value when nobody answers or the connection closes early', async () => {
    expect(await aSender().send(aCall('http://127.0.0.1:1/'))).toEqual({ outcome: 'failed', reason: 'ECONNREFUSED' });
    await withReceiver(
      (request) => request.socket.destroy(),
      async (url) => expect(await aSender().send(aCall(url))).toMatchObject({ outcome: 'failed' }),
    );
  });

  it('checks again at each call: a name that has turned to a neighbour is not called', async () => {
    const answers = [['93.184.216.34'], ['169.254.169.254']];
    const flipping = async () => answers.shift()!.map((address) => ({ address, family: 4 as const }));
    const sender = new HttpWebhookSender(new ActionSettings().webhooks, flipping);
    expect(await sender.check('https://hooks.example.com/')).toMatchObject({ ok: true });
    expect(await sender.send(aCall('https://hooks.example.com/'))).toEqual({
      outcome: 'failed',
      reason: 'the host is not a public address',
    });
  });

  it('connects to the address that was checked, not to what the name says by then', async () => {
    await withReceiver(
      (request, response) => response.end(request.headers.host),
      async (url) => {
        const { port } = new URL(url);
        const settings = new ActionSettings({ webhooks: { allowHttp: true, allowPrivate: true } }).webhooks;
        const sender = new HttpWebhookSender(settings, async () => [{ address: '127.0.0.1', family: 4 }]);
        const answer = await sender.send(aCall(`http://no-such-name.invalid:${port}/`));
        expect(answer).toEqual({ outcome: 'answered', status: 200 });
      },
    );
  });
});
