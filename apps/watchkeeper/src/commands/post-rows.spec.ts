import type { WatchkeeperClient } from '../client';
import { postRows, type FileRow } from './post-rows';

interface Posted {
  readonly path: string;
  readonly items: unknown[];
  readonly bytes: number;
}

/** A door that takes what `answer` says of it. */
function aClient(answer: (items: readonly unknown[]) => { status?: number; body: unknown }) {
  const posts: Posted[] = [];
  const client = {
    send: async (_method: string, path: string, body: { text: string }) => {
      const items = JSON.parse(body.text) as unknown[];
      posts.push({ path, items, bytes: Buffer.byteLength(body.text) });
      const { status = 202, body: told } = answer(items);
      return new Response(typeof told === 'string' ? told : JSON.stringify(told), { status });
    },
  };
  return { posts, client: client as unknown as WatchkeeperClient };
}

const acceptAll = (items: readonly unknown[]) => ({
  body: { accepted: items.length, duplicate: 0, conflict: 0, invalid: 0, results: [] },
});

async function* rowsOf(...rows: readonly FileRow[]): AsyncIterable<FileRow> {
  yield* rows;
}

const row = (line: number, value: unknown = { id: `evt-${line}` }): FileRow => ({ line, value });

describe('posting the rows of a file', () => {
  let stderr: jest.SpyInstance;
  beforeAll(() => {
    stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterAll(() => stderr.mockRestore());

  it('goes in batches of 500, in the order of the file', async () => {
    const { client, posts } = aClient(acceptAll);
    const rows = Array.from({ length: 1_001 }, (_, i) => row(i + 1));
    expect(await postRows(client, '/v1/events', rowsOf(...rows), 'events')).toMatchObject({ accepted: 1_001 });
    expect(posts.map(({ items }) => items.length)).toEqual([500, 500, 1]);
    expect(posts.flatMap(({ items }) => items)).toEqual(rows.map((one) => 'value' in one && one.value));
    expect(posts[0]!.path).toBe('/v1/events');
  });

  it('keeps a batch small where rows are large', async () => {
    const { client, posts } = aClient(acceptAll);
    const rows = Array.from({ length: 20 }, (_, i) => row(i + 1, { text: 'ä'.repeat(500_000) }));
    await postRows(client, '/v1/events', rowsOf(...rows), 'events');
    expect(posts.flatMap(({ items }) => items)).toHaveLength(20);
    for (const { bytes } of posts) expect(bytes).toBeLessThan(8 * 1024 * 1024);
  });

  it('tells each refused row by its line', async () => {
    const { client } = aClient(() => ({
      body: {
        accepted: 1,
        duplicate: 1,
        conflict: 1,
        invalid: 1,
        results: [
          { id: 'a', status: 'accepted' },
          { index: 1, id: 'b', status: 'conflict', detail: 'posted before with another body' },
          { id: 'c', status: 'duplicate' },
          {
            index: 3,
            status: 'invalid',
            errors: [
              { pointer: '/id', detail: 'must not be empty' },
              { pointer: '/role', detail: 'must be known' },
            ],
          },
        ],
      },
    }));
    expect(await postRows(client, '/v1/events', rowsOf(row(2), row(4), row(5), row(9)), 'events')).toEqual({
      accepted: 1,
      duplicate: 1,
      conflict: 1,
      invalid: 1,
      faults: [
        { line: 4, id: 'b', pointer: '/id', detail: 'posted before with another body' },
        { line: 9, pointer: '/id', detail: 'must not be empty' },
        { line: 9, pointer: '/role', detail: 'must be known' },
      ],
    });
  });

  it('counts what could not be read, and posts the rest', async () => {
    const { client, posts } = aClient(acceptAll);
    const posted = await postRows(client, '/v1/events', rowsOf({ line: 1, fault: 'is not JSON' }, row(2)), 'events');
    expect(posted).toMatchObject({ accepted: 1, invalid: 1, faults: [{ line: 1, detail: 'is not JSON' }] });
    expect(posts).toHaveLength(1);
  });

  it('goes on when a whole batch is refused with its results', async () => {
    const { client } = aClient(() => ({
      status: 422,
      body: { invalid: 1, results: [{ index: 0, status: 'invalid', errors: [{ pointer: '/id', detail: 'missing' }] }] },
    }));
    expect(await postRows(client, '/v1/events', rowsOf(row(1)), 'events')).toMatchObject({ invalid: 1 });
  });

  it.each([
    ['with its reason', { status: 403, body: { detail: 'the key lacks the scope ingest:write' } }, /lacks the scope/],
    ['without one', { status: 502, body: '<html>' }, /the server answered 502/],
  ])('ends when the server refuses %s', async (_, answer, words) => {
    const { client } = aClient(() => answer);
    await expect(postRows(client, '/v1/events', rowsOf(row(1)), 'events')).rejects.toThrow(words);
  });

  it('posts nothing when there is nothing', async () => {
    const { client, posts } = aClient(acceptAll);
    expect(await postRows(client, '/v1/events', rowsOf(), 'events')).toMatchObject({ accepted: 0, faults: [] });
    expect(posts).toEqual([]);
  });
});
