import * as fc from 'fast-check';
import { formatJson, parseJson } from './lossless-json';

describe('lossless JSON', () => {
  it('agrees with JSON.parse on all JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const lossy: unknown = JSON.parse(text);
        expect(JSON.parse(formatJson(parseJson(text)))).toEqual(lossy);
      }),
    );
  });

  it('gives back every value that it has written, 64-bit numbers to the last digit', () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.string({ unit: 'binary' }),
        fc.boolean(),
        fc.constant(null),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }),
        fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
        fc.array(tie('value')),
        fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (before) => {
        expect(parseJson(formatJson(before))).toEqual(before);
      }),
    );
  });

  it('leaves digits within texts alone', () => {
    const text = '{"summary":{"offsets":"{\\"0\\": 1234567890123456789, \\"1\\":[9223372036854775807]}"}}';
    expect(formatJson(parseJson(text))).toBe(text);
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['-0', -0],
    ['1e3', 1000],
    ['-2.5E-1', -0.25],
  ])('reads %s as what it says', (text, value) => {
    expect(parseJson(text)).toBe(value);
  });

  it.each(['', '{', '[1,]', '{"a":1,}', '"\u0001"', '01', '1 2', 'nul', '"\\x"', '-', '{"a" 1}', '9'.repeat(50)])(
    'refuses %j',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    },
  );

  it('refuses nesting that would exhaust the stack', () => {
    expect(() => parseJson('['.repeat(100_000))).toThrow(SyntaxError);
  });

  it('keeps a member called __proto__ a member', () => {
    const parsed = parseJson('{"__proto__":{"x":1}}');
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(formatJson(parsed)).toBe('{"__proto__":{"x":1}}');
  });

  it('writes no number that JSON does not have', () => {
    expect(() => formatJson({ a: Number.NaN })).toThrow(TypeError);
  });
});
