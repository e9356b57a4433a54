import type { DataFile } from '../iceberg';
import { groupsOf } from './maintenance';

const MIB = 1_048_576;
const aFile = (path: string, sizeMib: number, day = 1): DataFile => ({
  path,
  partition: { said_at_day: day },
  specId: 0,
  recordCount: 1n,
  sizeBytes: BigInt(sizeMib * MIB),
  columnSizes: new Map(),
  valueCounts: new Map(),
  nullCounts: new Map(),
  lowerBounds: new Map(),
  upperBounds: new Map(),
});
const pathsOf = (files: readonly DataFile[]) => groupsOf(files).map((group) => group.map((file) => file.path));

describe('the files that compaction puts together', () => {
  it('are small ones of one partition', () => {
    expect(pathsOf([aFile('a', 1), aFile('b', 2), aFile('c', 1, 2), aFile('big', 100)])).toEqual([['b', 'a']]);
  });

  it('fill the target and no more', () => {
    expect(pathsOf([aFile('a', 90), aFile('b', 60), aFile('c', 30), aFile('d', 30)])).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
  });

  it('are none where there is one file alone', () => {
    expect(pathsOf([aFile('a', 1), aFile('b', 1, 2)])).toEqual([]);
  });
});
