import * as fc from 'fast-check';
import {
  BOUND_CHARACTERS_MAX,
  daysSinceEpoch,
  lowerBound,
  microsOf,
  upperBound,
  valueBytes,
  valueOf,
} from './single-value';

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }));

describe('single values', () => {
  it.each([
    ['boolean', true, '01'],
    ['int', 34, '22000000'],
    ['long', 34n, '2200000000000000'],
    ['date', -1, 'ffffffff'],
    ['timestamptz', 1_000_000n, '40420f0000000000'],
    ['float', -4.5, '000090c0'],
    ['double', 6, '0000000000001840'],
    ['string', 'é', 'c3a9'],
    ['binary', Buffer.from([0, 255]), '00ff'],
  ] as const)('writes %s as the specification says', (type, value, hex) => {
    expect(valueBytes(type, value).toString('hex')).toBe(hex);
    expect(valueOf(type, valueBytes(type, value))).toEqual(value);
  });

  it('bounds a text from below and above by 16 characters, in the order of their bytes', () => {
    fc.assert(
      fc.property(text, (value) => {
        const bytes = Buffer.from(value, 'utf8');
        const lower = lowerBound('string', value);
        const upper = upperBound('string', value);
        expect(Buffer.compare(lower, bytes)).toBeLessThanOrEqual(0);
        expect(Array.from(lower.toString('utf8')).length).toBeLessThanOrEqual(BOUND_CHARACTERS_MAX);
        if (upper === undefined) return;
        expect(Buffer.compare(bytes, upper)).toBeLessThanOrEqual(0);
        expect(Array.from(upper.toString('utf8')).length).toBeLessThanOrEqual(BOUND_CHARACTERS_MAX);
        expect(upper.toString('utf8')).not.toContain('\ufffd');
      }),
    );
  });

  it.each([
    ['a'.repeat(17), `${'a'.repeat(15)}b`],
    [`${'a'.repeat(15)}\u{10ffff}x`, `${'a'.repeat(14)}b`],
    [`${'a'.repeat(15)}\ud7ffx`, `${'a'.repeat(15)}\ue000`],
    ['a'.repeat(16), 'a'.repeat(16)],
    ['\u{1f600}'.repeat(16), '\u{1f600}'.repeat(16)],
  ])('has for %j the upper bound %j', (value, upper) => {
    expect(upperBound('string', value)?.toString('utf8')).toBe(upper);
  });

  it('has no upper bound where no text is greater', () => {
    expect(upperBound('string', '\u{10ffff}'.repeat(17))).toBeUndefined();
  });

  it.each([
    ['2026-11-22 21:09:55.57999+00', 1_795_381_795_579_990n],
    ['1969-12-31 23:59:59.999999+00', -1n],
    ['1970-01-01 00:00:00+00', 0n],
  ])('reads %s as microseconds', (written, micros) => {
    expect(microsOf(written)).toBe(micros);
  });

  it('refuses a time that is not in UTC', () => {
    expect(() => microsOf('2026-11-22 21:09:55+02')).toThrow(RangeError);
  });

  it('counts days, also before the epoch', () => {
    expect([daysSinceEpoch('1970-01-02'), daysSinceEpoch('1969-12-31'), daysSinceEpoch(-1)]).toEqual([1, -1, -1]);
  });
});
