import { CommandFailed, EXIT } from './exit-codes';

const TRIES_MAX = 8;
const REQUEST_MS_MAX = 600_000;

/** A problem the server answered with. */
interface ProblemBody {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** Talks to a server's HTTP interface; waits when it is told to. */
export class WatchkeeperClient {
  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.ask<T>('GET', path);
  }

  post<T>(path: string, body: unknown, contentType = 'application/json'): Promise<T> {
    return this.ask<T>('POST', path, { text: typeof body === 'string' ? body : JSON.stringify(body), contentType });
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.ask<T>('PUT', path, { text: JSON.stringify(body), contentType: 'application/json' });
  }

  delete<T>(path: string): Promise<T> {
    return this.ask<T>('DELETE', path);
  }

  /** The raw answer, whatever its status; 429 and 503 are waited out. */
  async send(
    method: string,
    path: string,
    body?: { readonly text: string; readonly contentType: string },
  ): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(this.url + path, {
        method,
        headers: { authorization: `Bearer ${this.key}`, ...(body && { 'content-type': body.contentType }) },
        ...(body && { body: body.text }),
        signal: AbortSignal.timeout(REQUEST_MS_MAX),
      }).catch((cause: unknown) => {
        throw new CommandFailed(EXIT.unavailable, `no answer from ${this.url}: is the server still running?`, {
          cause,
        });
      });
      if ((response.status !== 429 && response.status !== 503) || attempt === TRIES_MAX) return response;
      await response.arrayBuffer();
      await new Promise((wait) => setTimeout(wait, Number(response.headers.get('retry-after') ?? 1) * 1_000));
    }
  }

  private async ask<T>(
    method: string,
    path: string,
    body?: { readonly text: string; readonly contentType: string },
  ): Promise<T> {
    const response = await this.send(method, path, body);
    if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
    const problem = (await response.json().catch(() => ({}))) as ProblemBody;
    const faults = (problem.errors ?? []).slice(0, 5).map(({ pointer, detail }) => `\n  ${pointer || '/'}: ${detail}`);
    throw new CommandFailed(
      response.status >= 500 || response.status === 401 ? EXIT.unavailable : EXIT.no,
      `${problem.detail ?? `the server answered ${response.status}`}${faults.join('')}`,
    );
  }
}
