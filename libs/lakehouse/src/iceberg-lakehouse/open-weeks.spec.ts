import type { Table, TableMetadata } from '../iceberg';
import { builtNow, dueWeeks, OPEN_WEEKS, withOpened } from './open-weeks';

const silver = (sequence: number, openWeeks = '{}'): Table => {
  const metadata = { 'last-sequence-number': BigInt(sequence), properties: { [OPEN_WEEKS]: openWeeks } };
  // Only these are looked at.
  return { id: 'silver.turns', metadataLocation: '', metadata: metadata as unknown as TableMetadata };
};

describe('open weeks', () => {
  it('are due until gold has been built from the commit that opened them', () => {
    const opened = withOpened(silver(4).metadata, [{ tenant: 'acme', week: '2026-W47' }], 0);
    const after = silver(5, opened);

    expect(dueWeeks([after], {})).toEqual([{ tenant: 'acme', week: '2026-W47' }]);
    expect(dueWeeks([after], builtNow([silver(4)]))).toEqual([{ tenant: 'acme', week: '2026-W47' }]);
    expect(dueWeeks([after], builtNow([after]))).toEqual([]);
  });

  it('are kept over later commits, and dropped once built', () => {
    const first = withOpened(silver(0).metadata, [{ tenant: 'b', week: '2026-W47' }], 0);
    const second = withOpened(silver(1, first).metadata, [{ tenant: 'a', week: '2026-W46' }], 0);
    expect(dueWeeks([silver(2, second)], {})).toEqual([
      { tenant: 'a', week: '2026-W46' },
      { tenant: 'b', week: '2026-W47' },
    ]);

    const third = withOpened(silver(2, second).metadata, [], 1);
    expect(JSON.parse(third)).toEqual({ '2026-W46': { a: 2 } });
  });
});
