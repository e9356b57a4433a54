import * as fc from 'fast-check';
import { addWeeks, weekBounds, weekOf, WEEK_MS } from './week';

describe('weeks', () => {
  it.each([
    ['2026-11-23T00:00:00.000Z', '2026-W48'],
    ['2026-11-22T23:59:59.999Z', '2026-W47'],
    ['2021-01-03T23:59:59.999Z', '2020-W53'],
    ['2021-01-04T00:00:00.000Z', '2021-W01'],
    ['2026-12-31T12:00:00.000Z', '2026-W53'],
    ['2027-01-03T12:00:00.000Z', '2026-W53'],
    ['2024-12-30T00:00:00.000Z', '2025-W01'],
    ['1969-12-31T12:00:00.000Z', '1970-W01'],
  ])('puts %s into %s', (at, week) => {
    expect(weekOf(Date.parse(at))).toBe(week);
  });

  it.each(['2025-W53', '2026-W54', '2026-W00', '2026-W5', '26-W05', '../etc', '2026-W47\0', ''])(
    'knows no week %j',
    (week) => {
      expect(() => weekBounds(week)).toThrow('not an ISO week');
    },
  );

  it('holds every instant inside its bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) }), (at) => {
        const { startMs, endMs } = weekBounds(weekOf(at));
        expect(startMs <= at && at < endMs && endMs - startMs === WEEK_MS).toBe(true);
      }),
    );
  });

  it('steps over the end of a year of 53 weeks', () => {
    expect(addWeeks('2026-W53', 1)).toBe('2027-W01');
    expect(addWeeks('2027-W01', -1)).toBe('2026-W53');
  });
});
