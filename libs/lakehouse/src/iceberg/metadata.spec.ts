import { MetadataUnreadable } from './errors';
import { ancestry, formatMetadata, parseMetadata } from './metadata';

const BIG = '9223372036854775807';

/** As other engines write it: no refs, -1 and null for what is not there, members of their own. */
function written(members: Record<string, unknown> = {}): string {
  const metadata = {
    'format-version': 2,
    'table-uuid': 'u',
    location: '/lake/a/b/',
    'last-sequence-number': 7,
    'last-updated-ms': 5,
    'last-column-id': 1,
    'current-schema-id': 0,
    schemas: [{ type: 'struct', 'schema-id': 0, fields: [] }],
    'default-spec-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: [] }],
    'last-partition-id': 999,
    statistics: [{ 'statistics-path': '/lake/a/b/metadata/x.puffin' }],
    ...members,
  };
  return JSON.stringify(metadata).replaceAll('"BIG"', BIG);
}

const snapshot = (id: unknown, parent: unknown) => ({
  'snapshot-id': id,
  'parent-snapshot-id': parent,
  'sequence-number': 1,
  'timestamp-ms': 4,
  'manifest-list': '/l',
  'schema-id': 0,
  summary: { operation: 'append' },
});

describe('table metadata', () => {
  it('reads what other engines leave out, and keeps what they add', () => {
    const metadata = parseMetadata(written({ 'current-snapshot-id': -1 }), '/v1');
    expect(metadata).toMatchObject({
      location: '/lake/a/b',
      'last-sequence-number': 7n,
      'current-snapshot-id': null,
      properties: {},
      refs: {},
      snapshots: [],
      'snapshot-log': [],
      'metadata-log': [],
    });
    const again: unknown = JSON.parse(formatMetadata(metadata));
    expect(again).toMatchObject({
      'current-snapshot-id': -1,
      statistics: [{ 'statistics-path': '/lake/a/b/metadata/x.puffin' }],
    });
  });

  it('keeps 64-bit ids, small ones as well', () => {
    const text = written({
      'current-snapshot-id': 'BIG',
      snapshots: [snapshot(12, null), snapshot('BIG', 12)],
      'snapshot-log': [{ 'timestamp-ms': 4, 'snapshot-id': 'BIG' }],
    });
    const metadata = parseMetadata(text, '/v1');
    expect(metadata.refs).toEqual({ main: { 'snapshot-id': BigInt(BIG), type: 'branch' } });
    expect([...ancestry(metadata, BigInt(BIG))].map((line) => line['snapshot-id'])).toEqual([BigInt(BIG), 12n]);
    expect(formatMetadata(metadata)).toContain(`"current-snapshot-id":${BIG}`);
    expect(parseMetadata(formatMetadata(metadata), '/v2')).toEqual(metadata);
  });

  it.each([
    ['another version of the format', written({ 'format-version': 3 })],
    ['half a file', written().slice(0, 100)],
    ['a list where there should be an object', '[]'],
    ['a schema that is no list', written({ schemas: 1 })],
    ['a snapshot without its list', written({ snapshots: [{ 'snapshot-id': 1 }] })],
  ])('refuses %s, and names the file', (_what, text) => {
    expect(() => parseMetadata(text, '/lake/v3.metadata.json')).toThrow(MetadataUnreadable);
    expect(() => parseMetadata(text, '/lake/v3.metadata.json')).toThrow('/lake/v3.metadata.json');
  });
});
