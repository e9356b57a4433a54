import { hash } from 'node:crypto';
import { decodeHead, readUint48, writeUint48, type PartitionState } from './codec';
import type { LogEnvironment, Partition } from './environment';
import { IdTable } from './id-table';

/** Ids kept in memory before they are merged into the tree: 7 MiB a table, of which there are two. */
export const IDS_IN_MEMORY_MAX = 131_072;
/** Records per id after which the tables change over even if few have ids: bounds what a start has to read again. */
const RECORDS_PER_ID = 2;
/** Merged per record appended: above 1, or the merging would never catch up with the appending. */
const MERGES_PER_RECORD = 2;
const MERGES_PER_COMMIT_MAX = 8192;

export interface IdPlace {
  readonly partition: Partition;
  readonly offset: number;
}

/**
 * Which record holds an id: exact, as large as the log, and cheap to write. A tree keyed by hashes alone would dirty a
 * page for every id. So new ids stand in a table in memory (the records themselves make them durable), and full tables are
 * merged into the tree in the order of the hashes, some with every commit: neighbours share their pages.
 * What it answers is a hint: the caller reads the record there and compares.
 */
export class IdIndex {
  private filling = new IdTable();
  private merging: { readonly table: IdTable; readonly upTo: ReadonlyMap<Partition, number>; slot: number } | undefined;
  private recordsSinceChange = 0;
  /** Records below are in a table or in the tree. */
  private readonly covered = new Map<Partition, number>();
  private readonly treeKey = Buffer.allocUnsafe(16);
  private readonly treeValue = Buffer.allocUnsafe(10);

  private readonly recordsMax: number;

  constructor(
    private readonly env: LogEnvironment,
    private readonly idsMax: number,
  ) {
    this.recordsMax = idsMax * RECORDS_PER_ID;
  }

  find(idHash: Uint32Array): IdPlace | undefined {
    for (const table of [this.filling, this.merging?.table]) {
      const slot = table?.slotOf(idHash) ?? -1;
      if (slot >= 0) return this.place(table!.refAt(slot), table!.offsetAt(slot));
    }
    const found = this.env.ids.getBinaryFast(this.toTreeKey(idHash));
    return found && this.place(found.readUInt32BE(0), readUint48(found, 4));
  }

  /** Every append is told, those without an id too. */
  appended(partition: Partition, offset: number, idHash: Uint32Array | undefined): void {
    if (idHash !== undefined) this.filling.set(idHash, partition.ref, offset);
    this.covered.set(partition, offset + 1);
    this.recordsSinceChange++;
  }

  /** In a write transaction, when retention drops the record. The tables need nothing: there is no such record any more. */
  dropped(partition: Partition, offset: number, idHash: Uint32Array): void {
    const key = this.toTreeKey(idHash);
    const found = this.env.ids.getBinaryFast(key);
    if (found === undefined) return;
    if (found.readUInt32BE(0) === partition.ref && readUint48(found, 4) === offset) this.env.ids.removeSync(key);
  }

  /** Reads the records that others have appended, or after a start. */
  catchUp(partitions: Iterable<Partition>): void {
    for (const partition of partitions) {
      const { start, end, indexedTo } = this.env.state(partition);
      const from = Math.max(this.covered.get(partition) ?? 0, indexedTo, start);
      for (let offset = from; offset < end; offset++) {
        const bytes = this.env.peek(partition, offset);
        const id = bytes && decodeHead(bytes).id;
        this.appended(partition, offset, id === undefined ? undefined : hashOfId(partition.topic, id));
      }
      if (from >= end && end > (this.covered.get(partition) ?? 0)) this.covered.set(partition, end);
    }
    if (this.env.isReadOnly && this.recordsSinceChange > 3 * this.recordsMax) this.reset();
  }

  /** In a write transaction: merges some of what is due. `stateOf` gives the transaction's own states. */
  merge(recordsAppended: number, stateOf: (partition: Partition) => PartitionState, save: SaveState): void {
    this.changeOver();
    const merging = this.merging;
    if (merging === undefined) return;
    let budget = Math.min(MERGES_PER_COMMIT_MAX, recordsAppended * MERGES_PER_RECORD);
    for (; merging.slot < merging.table.slotCount && budget > 0; merging.slot++) {
      const place = this.place(merging.table.refAt(merging.slot), merging.table.offsetAt(merging.slot));
      if (place === undefined || place.offset < stateOf(place.partition).start) continue;
      budget--;
      this.treeValue.writeUInt32BE(place.partition.ref, 0);
      writeUint48(this.treeValue, 4, place.offset);
      this.env.ids.putSync(this.toTreeKey(merging.table.hashAt(merging.slot)), this.treeValue);
    }
    if (merging.slot < merging.table.slotCount) return;
    for (const [partition, upTo] of merging.upTo) {
      const state = stateOf(partition);
      if (upTo > state.indexedTo) save(partition, { ...state, indexedTo: upTo });
    }
    this.merging = undefined;
  }

  /** After a commit that failed: what the tables say may not be so. The next `catchUp` reads it anew. */
  reset(): void {
    this.filling = new IdTable();
    this.merging = undefined;
    this.recordsSinceChange = 0;
    this.covered.clear();
  }

  private changeOver(): void {
    const isFull = this.filling.size >= this.idsMax || this.recordsSinceChange >= this.recordsMax;
    if (!isFull || this.merging !== undefined) return;
    this.merging = { table: this.filling, upTo: new Map(this.covered), slot: 0 };
    this.filling = new IdTable();
    this.recordsSinceChange = 0;
  }

  private place(ref: number, offset: number): IdPlace | undefined {
    const partition = ref === 0 ? undefined : this.env.partitionOfRef(ref);
    return partition && { partition, offset };
  }

  private toTreeKey(idHash: Uint32Array): Buffer {
    for (let word = 0; word < 4; word++) this.treeKey.writeUInt32BE(idHash[word]!, word * 4);
    return this.treeKey;
  }
}

export type SaveState = (partition: Partition, state: PartitionState) => void;

const words = new Uint32Array(4);

/** 128 bits of SHA-256 of topic and id, so that nobody can make ids collide. Valid until the next call. */
export function hashOfId(topic: string, id: string): Uint32Array {
  const digest = hash('sha256', `${topic}/${id}`, 'binary');
  for (let word = 0; word < 4; word++) {
    const at = word * 4;
    words[word] =
      (digest.charCodeAt(at) << 24) |
      (digest.charCodeAt(at + 1) << 16) |
      (digest.charCodeAt(at + 2) << 8) |
      digest.charCodeAt(at + 3);
  }
  return words;
}
