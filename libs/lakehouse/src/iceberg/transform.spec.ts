import { bucketOf, dayOf, hashOf, partitionValue } from './transform';

describe('partition transforms', () => {
  // The values of the specification's appendix B.
  it.each([
    ['int', 34, 2017239379],
    ['long', 34n, 2017239379],
    ['date', 17486, -653330422],
    ['timestamptz', 1510871468000000n, -2047944441],
    ['string', 'iceberg', 1210000089],
    ['binary', Buffer.from([0, 1, 2, 3]), -188683207],
  ] as const)('hashes a %s as every other engine does', (type, value, hash) => {
    expect(hashOf(type, value)).toBe(hash);
  });

  it('puts values into buckets that are never negative', () => {
    expect(bucketOf('binary', Buffer.from([0, 1, 2, 3]), 16)).toBe((-188683207 & 0x7fffffff) % 16);
  });

  it('takes the day of a moment, also before the epoch', () => {
    expect([dayOf('timestamptz', 0n), dayOf('timestamptz', -1n), dayOf('timestamptz', 86_400_000_000n)]).toEqual([
      0, -1, 1,
    ]);
  });

  it('has null for null, whatever the transform', () => {
    const field = { 'field-id': 1000, 'source-id': 1, name: 'p' } as const;
    expect(partitionValue({ ...field, transform: 'day' }, 'timestamptz', null)).toBeNull();
    expect(partitionValue({ ...field, transform: 'identity' }, 'string', 'acme')).toBe('acme');
    expect(partitionValue({ ...field, transform: 'bucket[4]' }, 'string', 'iceberg')).toBe(1210000089 % 4);
  });
});
