import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Webhook } from 'standardwebhooks';
import type { WebhookSettings } from './action.settings';
import { checkTarget, type Address, type CheckedTarget, type Resolve } from './webhook-guard';
import { retryAfterMs, type WebhookAnswer } from './webhook-schedule';

/** One signed message to one endpoint. */
export interface WebhookCall {
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
  /** Stays the same at each attempt: receivers know a repetition by it. */
  readonly id: string;
  readonly body: string;
  readonly atMs: number;
}

/** Carries webhook calls; an answer is a value whatever happens. */
export abstract class WebhookSender {
  abstract check(url: string): Promise<CheckedTarget>;
  abstract send(call: WebhookCall): Promise<WebhookAnswer>;
}

export class HttpWebhookSender extends WebhookSender {
  constructor(
    private readonly settings: WebhookSettings,
    private readonly resolve?: Resolve,
  ) {
    super();
  }

  async check(url: string): Promise<CheckedTarget> {
    return checkTarget(url, this.settings, this.resolve);
  }

  async send(call: WebhookCall): Promise<WebhookAnswer> {
    const signal = AbortSignal.timeout(this.settings.timeoutMs);
    const timedOut = new Promise<WebhookAnswer>((resolve) => {
      signal.addEventListener('abort', () => resolve({ outcome: 'failed', reason: 'timeout' }), { once: true });
    });
    return Promise.race([this.sendWithin(call, signal), timedOut]);
  }

  private async sendWithin(call: WebhookCall, signal: AbortSignal): Promise<WebhookAnswer> {
    const target = await this.check(call.url);
    if (!target.ok) return { outcome: 'failed', reason: target.reason };
    if (signal.aborted) return { outcome: 'failed', reason: 'timeout' };
    try {
      const answer = await post(call, target, signal);
      await discard(answer, this.settings.answerBytesMax);
      const patienceMs = retryAfterMs(answer.headers['retry-after'], call.atMs);
      const status = answer.statusCode ?? 0;
      return { outcome: 'answered', status, ...(patienceMs !== undefined && { retryAfterMs: patienceMs }) };
    } catch (error) {
      return { outcome: 'failed', reason: codeOf(error) };
    }
  }
}

/** Signed per Standard Webhooks: `id.timestamp.body`, HMAC-SHA256. */
export function signedHeaders({ secret, id, body, atMs }: Omit<WebhookCall, 'url'>): Record<string, string> {
  const at = new Date(atMs);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(atMs / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}

/** Node follows no redirects. A connection of its own for each call: a kept one would go where an older check led. */
async function post(
  call: WebhookCall,
  { url, address }: { readonly url: URL; readonly address: Address },
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    signal,
    lookup: pinnedTo(address),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(call.body),
      'user-agent': 'watchkeeper-webhooks',
      ...signedHeaders(call),
    },
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, resolve);
    request.once('error', reject);
    request.end(call.body);
  });
}

function pinnedTo({ address, family }: Address): NonNullable<RequestOptions['lookup']> {
  return (_host, options, done) => {
    if (options.all) done(null, [{ address, family }]);
    else done(null, address, family);
  };
}

/** Reads so that the receiver sees its answer taken, and no further than the bound. */
async function discard(answer: IncomingMessage, bytesMax: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length;
    if (bytes > bytesMax) break;
  }
  answer.destroy();
}

/** The code alone: a message could quote what the receiver sent. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'connection failed';
  if ('name' in error && error.name === 'AbortError') return 'timeout';
  return 'code' in error && typeof error.code === 'string' ? error.code : 'connection failed';
}
