import { murmur2, partitionOf } from './partitioner';

describe('the partitioner agrees with the clients of Kafka', () => {
  // The values of org.apache.kafka.common.utils.UtilsTest (testMurmur2), Apache Kafka.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s to %d', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('hashes a part of a larger buffer by its own bytes', () => {
    expect(murmur2(Buffer.from('xxfoobarxx').subarray(2, 8))).toBe(-790332482);
  });

  it.each([
    ['21', 4, (-973932308 & 0x7fffffff) % 4],
    ['foobar', 7, (-790332482 & 0x7fffffff) % 7],
  ])('takes the sign away before it divides: %s in %d partitions', (key, partitions, partition) => {
    expect(partitionOf(key, partitions)).toBe(partition);
  });
});
