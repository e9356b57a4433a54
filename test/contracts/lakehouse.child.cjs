// Lands and refreshes until the log's end is reached; the parent kills it at random moments.
const [dist, dir, end] = process.argv.slice(2);
const { IcebergLakehouse } = require(`${dist}/libs/lakehouse/src/iceberg-lakehouse/index.js`);

const PARTITIONS = 2;
const BATCH_RECORDS = 40;
const START_MS = Date.UTC(2026, 10, 16);

function recordAt(partition, offset) {
  const id = `e-${partition}-${offset}`;
  const said = new Date(START_MS + offset * 60_000).toISOString();
  const uid = `${partition}${offset.toString(16).padStart(31, '0')}`;
  const about = { tenant: 'acme', source: 'web', conversationId: 'c-1', saidAt: said, acceptedAt: said };
  const value = { v: 1, type: 'turn', id, uid, ...about, role: 'user', text: `text of ${id}` };
  return {
    partition,
    offset,
    key: 'acme/c-1',
    value: Buffer.from(JSON.stringify(value)),
    appendedAtMs: START_MS + offset,
  };
}

async function main() {
  const lake = await IcebergLakehouse.open({ dir });
  process.send?.('open');
  for (;;) {
    const next = await lake.landed('conversation.events');
    const records = Array.from({ length: PARTITIONS }, (_, partition) => {
      const from = next[partition] ?? 0;
      const count = Math.max(0, Math.min(BATCH_RECORDS, Number(end) - from));
      return Array.from({ length: count }, (_unused, i) => recordAt(partition, from + i));
    }).flat();
    if (records.length === 0) break;
    await lake.land('conversation.events', 'log-1', records);
    await lake.refresh();
  }
  await lake.refresh();
  await lake.close();
  process.disconnect?.();
}

void main();
