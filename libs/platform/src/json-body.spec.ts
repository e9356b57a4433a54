import { gzipSync } from 'node:zlib';
import { parseJson, textOf } from './json-body';
import { Problem } from './problem';

const LIMITS = { bytesMax: 1_024, depthMax: 8 };

/** What the caller is told: status and detail. */
async function refusal(act: () => unknown): Promise<{ status: number; detail: string }> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Problem) return { status: error.fields.status, detail: error.fields.detail };
    throw error;
  }
  throw new Error('it was taken');
}

describe('the bytes of a body', () => {
  it('are read as UTF-8, a byte order mark left out', async () => {
    expect(await textOf(Buffer.from('\uFEFF{"text":"Grüße 🙂"}'), undefined, LIMITS)).toBe('{"text":"Grüße 🙂"}');
  });

  it('are unpacked when they are gzip', async () => {
    expect(await textOf(gzipSync('{"a":1}'), 'gzip', LIMITS)).toBe('{"a":1}');
  });

  it.each([
    ['nothing', Buffer.alloc(0), undefined, 400, 'empty'],
    ['no bytes at all', undefined, undefined, 400, 'empty'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), undefined, 400, 'not UTF-8'],
    ['half a surrogate pair in UTF-8', Buffer.from([0xed, 0xa0, 0x80]), undefined, 400, 'not UTF-8'],
    ['what is not gzip but says so', Buffer.from('{}'), 'gzip', 400, 'not gzip'],
    ['gzip that is cut short', gzipSync('{"a":1}').subarray(0, 15), 'gzip', 400, 'not gzip'],
    ['another encoding', Buffer.from('{}'), 'br', 415, 'gzip'],
    ['too many bytes', Buffer.alloc(LIMITS.bytesMax + 1, 'a'), undefined, 413, '1024 bytes'],
    ['a gzip bomb', gzipSync(Buffer.alloc(50_000_000)), 'gzip', 413, '1024 bytes after decompression'],
  ])('are refused: %s', async (_, body, encoding, status, words) => {
    const told = await refusal(() => textOf(body, encoding, LIMITS));
    expect(told).toEqual({ status, detail: expect.stringContaining(words) as string });
  });

  it('are taken up to the very limit', async () => {
    const text = 'a'.repeat(LIMITS.bytesMax);
    expect(await textOf(Buffer.from(text), undefined, LIMITS)).toBe(text);
    expect(await textOf(gzipSync(text), 'gzip', LIMITS)).toBe(text);
  });
});

describe('JSON', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  it.each([
    ['an object', '{"a":[1,null,true,"x"]}', { a: [1, null, true, 'x'] }],
    ['a bare value', '"x"', 'x'],
    ['as many levels as are allowed', nested(LIMITS.depthMax), expect.any(Array) as unknown],
    ['a key that is only called constructor', '{"constructor":"Mason"}', { constructor: 'Mason' }],
  ])('is read: %s', (_, text, value) => {
    expect(parseJson(text, LIMITS)).toEqual(value);
  });

  it.each([
    ['half of it', '{"a":', 400, 'not JSON'],
    ['__proto__', '{"__proto__":{"admin":true}}', 400, 'forbidden key'],
    ['__proto__ further down', '{"a":[{"__proto__":{}}]}', 400, 'forbidden key'],
    ['__proto__ in escapes', '{"\\u005f_proto__":{}}', 400, 'forbidden key'],
    ['constructor.prototype', '{"constructor":{"prototype":{}}}', 400, 'forbidden key'],
    ['one level too many', nested(LIMITS.depthMax + 1), 422, 'deeper than 8'],
    ['100,000 levels', nested(100_000), 422, 'deeper than 8'],
  ])('is refused: %s', async (_, text, status, words) => {
    expect(await refusal(() => parseJson(text, LIMITS))).toEqual({
      status,
      detail: expect.stringContaining(words) as string,
    });
  });

  it('is refused with the place, and none of its text', async () => {
    const { detail } = await refusal(() => parseJson('{"text":"a secret of mine" oops', LIMITS, 'the line'));
    expect(detail).toMatch(/^the line is not JSON \(at character \d+\)$/);
  });

  it('leaves the prototype of everything else alone', async () => {
    await refusal(() => parseJson('{"__proto__":{"polluted":1}}', LIMITS));
    expect('polluted' in {}).toBe(false);
  });
});
