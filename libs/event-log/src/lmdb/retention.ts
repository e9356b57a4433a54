import type { LogEnvironment, Partition, Topic } from './environment';
import { storedPosition } from './positions';
import { appendedAtMs, bytesBefore, firstOffset, offsetAt } from './reader';
import type { Write } from './writer';
import type { Retention } from '../event-log';

/** Records dropped by one commit: some 10 ms, so that appends need not wait long. */
const DROPPED_PER_COMMIT = 1000;

export interface Keep {
  readonly holdFor?: readonly string[];
  readonly keepFrom?: readonly number[];
}

/** Per partition the first offset to be kept by age and size, before anything is held for a group. */
export function keptFrom(env: LogEnvironment, topic: Topic, retention: Retention, nowMs: number): number[] {
  const byAge = topic.partitions.map((partition) =>
    retention.ageMsMax === undefined
      ? env.state(partition).start
      : offsetAt(env, partition, nowMs - retention.ageMsMax),
  );
  if (retention.bytesMax === undefined) return byAge;
  return keptBySize(env, topic.partitions, byAge, retention.bytesMax);
}

/** Drops what is oldest in the whole topic until the rest is within the bound. */
function keptBySize(env: LogEnvironment, partitions: readonly Partition[], from: number[], bytesMax: number): number[] {
  const states = partitions.map((partition) => env.state(partition));
  const bytesFrom = (offset: number, i: number): number =>
    states[i]!.bytes - bytesBefore(env, partitions[i]!, offset, states[i]!);
  const total = (offsets: readonly number[]): number =>
    offsets.reduce((sum, offset, i) => sum + bytesFrom(offset, i), 0);
  const at = (ms: number): number[] =>
    partitions.map((partition, i) => Math.max(from[i]!, offsetAt(env, partition, ms)));
  if (total(from) <= bytesMax) return from;

  const times = partitions.flatMap((partition, i) =>
    from[i]! < states[i]!.end ? [appendedAtMs(env, partition, from[i]!), states[i]!.lastAppendedAtMs] : [],
  );
  // Not offsets but instants: the same search serves.
  const ms = firstOffset(Math.min(...times), Math.max(...times) + 1, (instant) => total(at(instant)) <= bytesMax);
  const kept = at(ms - 1);
  const upTo = at(ms);
  // Those of the last millisecond have no order between partitions: one partition after the other.
  for (let i = 0; i < kept.length && total(kept) > bytesMax; i++) {
    const excess = total(kept) - bytesMax;
    const now = bytesFrom(kept[i]!, i);
    kept[i] = firstOffset(kept[i]!, upTo[i]!, (offset) => now - bytesFrom(offset, i) >= excess);
  }
  return kept;
}

/** One commit's share of a partition's dropping. Gives how many records went; 0 when none is left to drop. */
export function dropWrite(partition: Partition, upTo: number, keep: Keep): Write<number> {
  return {
    topics: new Map(),
    records: DROPPED_PER_COMMIT,
    bytes: 0,
    run: (txn) => {
      const state = txn.state(partition);
      // Looked up again in every commit: a group may have been set back meanwhile.
      const held = (keep.holdFor ?? []).map((group) => storedPosition(txn.env, partition, group) ?? 0);
      const limit = Math.min(upTo, state.end, keep.keepFrom?.[partition.index] ?? Infinity, ...held);
      const end = Math.min(limit, state.start + DROPPED_PER_COMMIT);
      if (end <= state.start) return 0;
      for (let offset = state.start; offset < end; offset++) txn.drop(partition, offset);
      txn.saveState(partition, { ...txn.state(partition), start: end });
      return end - state.start;
    },
  };
}
