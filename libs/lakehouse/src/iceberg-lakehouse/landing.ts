import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DomainError, type LandedTopic } from '@watchkeeper/domain';
import { bronzeRowsSql, spool } from '../duckdb';
import { commit, Fenced, type DataFile, type Table, type TableMetadata } from '../iceberg';
import type { Landing, LandingRecord } from '../lakehouse';
import { BRONZE, partitionFieldName } from '../tables';
import { propertyOf, snapshotIdOf, type Lake } from './lake';
import { discardUnlessUnknown, writeRows } from './write';

/** Next offset by partition, `{"0": 17}`: the table itself says what has landed. */
const OFFSETS = 'watchkeeper.offsets';
const LOG_IDENTITY = 'watchkeeper.log-identity';
/** What the log had dropped before it landed: `{"0": [17, 20]}` is 17, 18 and 19. */
const GAPS = 'watchkeeper.gaps';
/** Rows of one commit: bounds memory and the time until the first row is seen. */
const ROWS_MAX = 100_000;
const RETRIES_MAX = 20;
const DAY_MS = 86_400_000;

type Offsets = Readonly<Record<string, number>>;

/** The part of each partition that a landing brings: from `first` up to, without, `next`. */
interface Span {
  readonly first: number;
  readonly next: number;
  readonly holes: readonly (readonly [number, number])[];
}

export async function landedOffsets(lake: Lake, topic: LandedTopic): Promise<readonly number[]> {
  return offsetList(offsetsOf(await lake.catalog.load(BRONZE[topic].id)));
}

export const offsetsOf = (table: Pick<Table, 'metadata'>): Offsets => propertyOf<Offsets>(table, OFFSETS, {});

export function offsetList(offsets: Offsets): readonly number[] {
  const highest = Math.max(-1, ...Object.keys(offsets).map(Number));
  return Array.from({ length: highest + 1 }, (_, partition) => offsets[partition] ?? 0);
}

/** Lands records in as many commits as their number asks for; each is whole or not there at all. */
export async function landRecords(
  lake: Lake,
  topic: LandedTopic,
  logIdentity: string,
  records: readonly LandingRecord[],
): Promise<Landing> {
  const startedMs = performance.now();
  let snapshotId: string | undefined;
  for (let from = 0; from < records.length; from += ROWS_MAX) {
    snapshotId = await landOnce(lake, topic, logIdentity, records.slice(from, from + ROWS_MAX));
  }
  return {
    rows: records.length,
    offsets: await landedOffsets(lake, topic),
    ...(snapshotId !== undefined && { snapshotId }),
    tookMs: performance.now() - startedMs,
  };
}

async function landOnce(
  lake: Lake,
  topic: LandedTopic,
  logIdentity: string,
  records: readonly LandingRecord[],
): Promise<string | undefined> {
  const definition = BRONZE[topic];
  const spans = spansOf(records);
  const decide = (metadata: TableMetadata) => decideLanding({ metadata }, definition.id, logIdentity, spans);
  const table = await lake.catalog.load(definition.id);
  // Refused before any work; the commit asks again, and its answer counts.
  decide(table.metadata);
  const add = await writeRecords(lake, topic, table, records);
  try {
    const committed = await commit(
      lake.catalog,
      definition.id,
      { operation: 'append', add, decide },
      { retriesMax: RETRIES_MAX },
    );
    return snapshotIdOf(committed);
  } catch (error) {
    await discardUnlessUnknown(lake, add, error);
    throw error;
  }
}

/** The fence, and the exactly-once of a landing: asked at every attempt, with the table as it then stands. */
function decideLanding(
  table: Pick<Table, 'metadata'>,
  id: string,
  logIdentity: string,
  spans: ReadonlyMap<number, Span>,
) {
  const offsets = offsetsOf(table);
  const known = table.metadata.properties[LOG_IDENTITY];
  if (known !== undefined && known !== logIdentity && Object.keys(offsets).length > 0) {
    throw new DomainError(
      'log-recreated',
      `${id} holds records of the log ${known}, and this log is ${logIdentity}: offsets of the two do not compare. ` +
        'Point the log back to where it was, or start with an empty lake folder',
    );
  }
  const gaps: Record<string, (readonly [number, number])[]> = {};
  for (const [partition, { first, holes }] of spans) {
    const expected = offsets[partition] ?? 0;
    if (first < expected) {
      throw new Fenced(`${id} has landed partition ${partition} up to ${expected}: this landing begins at ${first}`);
    }
    const missing = first > expected ? [[expected, first] as const, ...holes] : holes;
    if (missing.length > 0) gaps[partition] = [...missing];
  }
  const next = { ...offsets, ...Object.fromEntries([...spans].map(([partition, span]) => [partition, span.next])) };
  const properties = { [OFFSETS]: JSON.stringify(next), [LOG_IDENTITY]: logIdentity };
  return {
    properties,
    summary: { ...properties, ...(Object.keys(gaps).length > 0 && { [GAPS]: JSON.stringify(gaps) }) },
  };
}

function spansOf(records: readonly LandingRecord[]): ReadonlyMap<number, Span> {
  const spans = new Map<number, { first: number; next: number; holes: (readonly [number, number])[] }>();
  for (const { partition, offset } of records) {
    const span = spans.get(partition);
    if (!span) {
      spans.set(partition, { first: offset, next: offset + 1, holes: [] });
      continue;
    }
    if (offset < span.next) {
      throw new DomainError('bad-landing', `records of partition ${partition} are out of order at offset ${offset}`);
    }
    if (offset > span.next) span.holes.push([span.next, offset]);
    span.next = offset + 1;
  }
  return spans;
}

async function writeRecords(
  lake: Lake,
  topic: LandedTopic,
  table: Table,
  records: readonly LandingRecord[],
): Promise<readonly DataFile[]> {
  const definition = BRONZE[topic];
  const days = new Set(records.map((record) => Math.floor(record.appendedAtMs / DAY_MS)));
  const [day] = days;
  return lake.duck.with(async (session) => {
    const spooled = await spool(session, join(lake.scratchDir, `${randomUUID()}.spool`), records);
    try {
      return await writeRows(lake, session, {
        definition,
        table,
        select: bronzeRowsSql(topic, spooled.sql),
        ...(days.size === 1 && { partition: { [partitionFieldName(definition.partition!)]: day! } }),
      });
    } finally {
      await spooled.remove();
    }
  });
}
