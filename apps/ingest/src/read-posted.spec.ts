import { gzipSync } from 'node:zlib';
import { Problem } from '@watchkeeper/platform';
import { readPosted, type Posted, type PostedRequest } from './read-posted';

const LIMITS = { bytesMax: 10_000, depthMax: 8, itemsMax: 5 };
const TURN = { type: 'turn', id: 'evt-1', conversationId: 'c-1', role: 'user', text: 'Hello' };
const ENVELOPE = {
  specversion: '1.0',
  id: 'evt-1',
  source: 'chat-web',
  type: 'com.acme.turn',
  time: '2026-11-20T10:00:00Z',
  data: { conversationId: 'c-1', role: 'user', text: 'Hello' },
};
/** What an envelope says of identity and time is said in our fields. */
const FROM_ENVELOPE = {
  type: 'turn',
  id: 'evt-1',
  source: 'chat-web',
  saidAt: '2026-11-20T10:00:00Z',
  conversationId: 'c-1',
  role: 'user',
  text: 'Hello',
};

function read(type: string | undefined, body: unknown, headers: PostedRequest['headers'] = {}): Promise<Posted[]> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return readPosted(
    { body: bytes, headers: { ...(type !== undefined && { 'content-type': type }), ...headers } },
    LIMITS,
  );
}

describe('what was posted', () => {
  it.each<[string, string, unknown, readonly unknown[]]>([
    ['one object', 'application/json', TURN, [TURN]],
    ['an object, its charset named', 'Application/JSON; charset=utf-8', TURN, [TURN]],
    ['an array', 'application/json', [TURN, { ...TURN, id: 'evt-2' }], [TURN, { ...TURN, id: 'evt-2' }]],
    ['an array that holds something else', 'application/json', [TURN, 7, null], [TURN, 7, null]],
    ['NDJSON', 'application/x-ndjson', `${JSON.stringify(TURN)}\n{"id":"evt-2"}`, [TURN, { id: 'evt-2' }]],
    ['NDJSON with blank lines and CRLF', 'application/jsonl', `{"a":1}\r\n\r\n  \n{"a":2}\r\n`, [{ a: 1 }, { a: 2 }]],
    ['a CloudEvent, structured', 'application/cloudevents+json', ENVELOPE, [FROM_ENVELOPE]],
    [
      'CloudEvents, batched',
      'application/cloudevents-batch+json',
      [ENVELOPE, ENVELOPE],
      [FROM_ENVELOPE, FROM_ENVELOPE],
    ],
  ])('is read from %s', async (_, type, body, values) => {
    expect(await read(type, body)).toEqual(values.map((value) => ({ value })));
  });

  it('is read from a CloudEvent in binary mode, whose headers are percent-encoded', async () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': 'evt%201',
      'ce-source': '%C3%A4cme',
      'ce-type': 'com.acme.feedback',
      'ce-time': '2026-11-20T10:00:00Z',
    };
    expect(await read('application/json', { kind: 'thumb', value: 1 }, headers)).toEqual([
      {
        value: {
          type: 'feedback',
          id: 'evt 1',
          source: 'äcme',
          saidAt: '2026-11-20T10:00:00Z',
          kind: 'thumb',
          value: 1,
        },
      },
    ]);
  });

  it('is read from a CloudEvent header that is not well encoded, as it stands', async () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '100%', 'ce-source': 's', 'ce-type': 'turn' };
    expect(await read('application/json', {}, headers)).toMatchObject([{ value: { id: '100%' } }]);
  });

  it("is an event whose envelope gives the identity, and whose data's own time goes before the envelope's", async () => {
    const data = { ...ENVELOPE.data, id: 'other', source: 'other', saidAt: '2026-11-19T10:00:00Z' };
    expect(await read('application/cloudevents+json', { ...ENVELOPE, data })).toMatchObject([
      { value: { id: 'evt-1', source: 'chat-web', saidAt: '2026-11-19T10:00:00Z' } },
    ]);
  });

  it('is unpacked when it is gzip, in any case of letters', async () => {
    const body = gzipSync(JSON.stringify(TURN));
    expect(await read('application/json', body, { 'content-encoding': ' GZIP ' })).toEqual([{ value: TURN }]);
  });

  it('keeps its good lines when one line is bad, and says which', async () => {
    const posted = await read('application/x-ndjson', `{"a":1}\n{"secret words\n{"__proto__":{}}\n{"a":2}`);
    expect(posted).toEqual([
      { value: { a: 1 } },
      { faults: [{ pointer: '', detail: expect.stringMatching(/^the line is not JSON/) as string }] },
      { faults: [{ pointer: '', detail: expect.stringContaining('forbidden key') as string }] },
      { value: { a: 2 } },
    ]);
    expect(JSON.stringify(posted)).not.toContain('secret');
  });

  it.each<[string, unknown, string]>([
    ['no object', 'text', ''],
    ['an array', [], ''],
    ['another version', { ...ENVELOPE, specversion: '0.3' }, '/specversion'],
    ['data in base64', { ...ENVELOPE, data: undefined, data_base64: 'e30=' }, '/data_base64'],
    ['no data', { ...ENVELOPE, data: undefined }, '/data'],
    ['data that is a text', { ...ENVELOPE, data: 'Hello' }, '/data'],
  ])('is a fault of its own for a CloudEvent with %s', async (_, envelope, pointer) => {
    const posted = await read('application/cloudevents-batch+json', [envelope, ENVELOPE]);
    expect(posted).toMatchObject([{ faults: [{ pointer }] }, { value: FROM_ENVELOPE }]);
  });

  it.each<[string, string | undefined, unknown, number]>([
    ['a type of nothing', undefined, TURN, 415],
    ['text', 'text/plain', 'Hello', 415],
    ['a form', 'application/x-www-form-urlencoded', 'a=1', 415],
    ['no JSON', 'application/json', '{"a":', 400],
    ['an empty array', 'application/json', [], 422],
    ['only blank lines', 'application/x-ndjson', '\n \n', 422],
    ['an array of too many', 'application/json', Array(6).fill(TURN), 413],
    ['too many lines', 'application/x-ndjson', '{}\n'.repeat(6), 413],
    ['too many CloudEvents', 'application/cloudevents-batch+json', Array(6).fill(ENVELOPE), 413],
    ['too many levels', 'application/json', '['.repeat(9) + ']'.repeat(9), 422],
    ['too many bytes', 'application/json', JSON.stringify('a'.repeat(LIMITS.bytesMax)), 413],
  ])('is refused as a whole: %s', async (_, type, body, status) => {
    const refusal = await read(type, body).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Problem);
    expect((refusal as Problem).fields.status).toBe(status);
  });
});
