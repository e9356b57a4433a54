import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { decodeState, EMPTY_STATE, FORMAT_VERSION, offsetKey, type PartitionState } from './codec';
import { logError } from './errors';

export type Store = Database<Buffer, Buffer>;

export interface Partition {
  readonly topic: string;
  readonly index: number;
  /** Unique in the log: topic number and index in 32 bits. */
  readonly ref: number;
  /** Its key in `states`, and the prefix of its keys in `positions` and `leases`. */
  readonly key: Buffer;
  /** Offset to record. A tree of its own, so that every append is at the tree's end and pages are filled. */
  readonly records: Store;
}

export interface Topic {
  readonly name: string;
  readonly number: number;
  readonly partitions: readonly Partition[];
}

interface Meta {
  readonly formatVersion: number;
  readonly identity: string;
  readonly topics: Readonly<Record<string, { readonly number: number; readonly partitions: number }>>;
}

/** Partitions of all topics together: each is a tree that LMDB holds open. */
const PARTITIONS_MAX = 1000;
const PARTITIONS_PER_TOPIC_MAX = 256;
const TREES_OTHER = 8;
/** Seven records of 1 kB fill a page; with 4 kB a quarter of the disk would be waste. */
const PAGE_BYTES = 8192;
const META_KEY = Buffer.from('log');
const STORE_OPTIONS = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** The LMDB files of a log: what trees there are, and the record that says whose log it is. */
export class LogEnvironment {
  private readonly topics = new Map<string, Topic>();
  private readonly byRef = new Map<number, Partition>();

  private constructor(
    readonly dir: string,
    readonly isReadOnly: boolean,
    private readonly root: RootDatabase<Buffer, Buffer>,
    private readonly meta: Store,
    readonly states: Store,
    readonly positions: Store,
    readonly leases: Store,
    /** First 16 bytes of the id's hash to partition ref 4 | offset 6. */
    readonly ids: Store,
    readonly identity: string,
  ) {}

  static open(dir: string, isReadOnly: boolean): LogEnvironment {
    if (isReadOnly && !existsSync(join(dir, 'data.mdb'))) {
      throw logError('log-invalid', `Opening the log in ${dir} read-only: there is none`);
    }
    if (!isReadOnly) mkdirSync(dir, { recursive: true });
    const root: RootDatabase<Buffer, Buffer> = open<Buffer, Buffer>({
      path: dir,
      noSubdir: false,
      // A commit is synced before it resolves and before anyone sees it.
      overlappingSync: false,
      // With it the driver makes a promise of its own per commit that nobody sees: a failed commit would end the process.
      eventTurnBatching: false,
      pageSize: PAGE_BYTES,
      maxDbs: PARTITIONS_MAX + TREES_OTHER,
      readOnly: isReadOnly,
      ...STORE_OPTIONS,
    });
    try {
      const store = (name: string): Store => openStore(root, name) ?? missing(dir, name);
      const meta = store('meta');
      const { identity } = readMeta(meta) ?? createMeta(root, meta, isReadOnly, dir);
      return new LogEnvironment(
        dir,
        isReadOnly,
        root,
        meta,
        store('states'),
        store('positions'),
        store('leases'),
        store('ids'),
        identity,
      );
    } catch (error) {
      void root.close();
      throw error;
    }
  }

  /** The topic, if anyone has created it. */
  topic(name: string): Topic | undefined {
    const known = this.topics.get(name);
    if (known !== undefined) return known;
    const entry = this.readTopics()[name];
    return entry && this.openTopic(name, entry.number, entry.partitions);
  }

  /** All topics of the log, those of other processes too. */
  allTopics(): Topic[] {
    return Object.keys(this.readTopics()).flatMap((name) => this.topic(name) ?? []);
  }

  /** Creates the topic, unless it exists: then its own count of partitions holds. Blocks for some synced commits. */
  createTopic(name: string, partitions: number): Topic {
    const found = this.topic(name);
    if (found !== undefined) return found;
    checkTopic(name, partitions);
    const entry = this.root.transactionSync(() => {
      const meta = readMeta(this.meta)!;
      const existing = meta.topics[name];
      if (existing !== undefined) return existing;
      const all = Object.values(meta.topics);
      if (all.reduce((sum, topic) => sum + topic.partitions, partitions) > PARTITIONS_MAX) {
        throw logError('log-invalid', `Creating topic ${name}: a log has ${PARTITIONS_MAX} partitions at most`);
      }
      const created = { number: all.length + 1, partitions };
      writeMeta(this.meta, { ...meta, topics: { ...meta.topics, [name]: created } });
      return created;
    });
    return this.openTopic(name, entry.number, entry.partitions) ?? missing(this.dir, name);
  }

  partitionOfRef(ref: number): Partition | undefined {
    const known = this.byRef.get(ref);
    if (known !== undefined) return known;
    this.allTopics();
    return this.byRef.get(ref);
  }

  /** In a write transaction it is that transaction's view. */
  state(partition: Partition): PartitionState {
    const bytes = this.states.getBinaryFast(partition.key);
    return bytes === undefined ? { ...EMPTY_STATE } : decodeState(bytes);
  }

  /** The stored record in LMDB's reusable buffer: valid until the next read. */
  peek(partition: Partition, offset: number): Buffer | undefined {
    return partition.records.getBinaryFast(offsetKey(offset));
  }

  /** Reads from now on see what is committed by now. */
  refresh(): void {
    this.root.resetReadTxn();
  }

  /** Runs once the write lock is held; resolves when what it wrote is on disk; writes nothing if it throws. */
  async write(action: () => void): Promise<void> {
    try {
      await this.root.childTransaction(action);
    } catch (error) {
      throw await withCommitError(error);
    }
  }

  writeTxnId(): number {
    return this.root.getWriteTxnId();
  }

  /** Bytes of the pages in use, without those that retention has freed. */
  usedBytes(): number {
    const trees = [this.ids, this.positions, ...[...this.byRef.values()].map((partition) => partition.records)];
    return trees.reduce((sum, tree) => sum + treeBytes(tree), 0);
  }

  async close(): Promise<void> {
    await this.root.close();
  }

  private readTopics(): Meta['topics'] {
    return readMeta(this.meta)?.topics ?? {};
  }

  private openTopic(name: string, number: number, count: number): Topic | undefined {
    const partitions: Partition[] = [];
    for (let index = 0; index < count; index++) {
      const records = openStore(this.root, `records/${number}/${index}`);
      // Read-only, and its creator is not that far yet: the next look finds it.
      if (records === undefined) return undefined;
      const key = Buffer.alloc(4);
      key.writeUInt16BE(number, 0);
      key.writeUInt16BE(index, 2);
      partitions.push({ topic: name, index, ref: number * 0x1_0000 + index, key, records });
    }
    const topic = { name, number, partitions };
    for (const partition of partitions) this.byRef.set(partition.ref, partition);
    this.topics.set(name, topic);
    return topic;
  }
}

function checkTopic(name: string, partitions: number): void {
  if (!/^[\w.-]{1,200}$/.test(name)) throw logError('log-invalid', 'A topic is named by 1 to 200 of A-Z a-z 0-9 . _ -');
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= PARTITIONS_PER_TOPIC_MAX) return;
  throw logError('log-invalid', `Topic ${name}: partitions are 1 to ${PARTITIONS_PER_TOPIC_MAX}, not ${partitions}`);
}

/** Undefined when the tree is not there and may not be made. */
function openStore(root: RootDatabase<Buffer, Buffer>, name: string): Store | undefined {
  const store: Store | undefined = root.openDB<Buffer, Buffer>({ name, ...STORE_OPTIONS });
  return store;
}

function missing(dir: string, name: string): never {
  throw logError('log-invalid', `Opening the log in ${dir}: it has no ${name}`);
}

function readMeta(meta: Store): Meta | undefined {
  const bytes = meta.get(META_KEY);
  if (bytes === undefined) return undefined;
  const parsed = JSON.parse(bytes.toString('utf8')) as Meta;
  if (parsed.formatVersion === FORMAT_VERSION) return parsed;
  throw logError(
    'log-format-unknown',
    `The log was written in format ${parsed.formatVersion}; this version reads ${FORMAT_VERSION}. Use the version that wrote it, or a newer one`,
  );
}

function createMeta(root: RootDatabase<Buffer, Buffer>, meta: Store, isReadOnly: boolean, dir: string): Meta {
  if (isReadOnly) return missing(dir, 'meta record yet');
  // Two processes may open a new log at once: the first one's identity holds.
  return root.transactionSync(() => {
    const existing = readMeta(meta);
    if (existing !== undefined) return existing;
    const created = { formatVersion: FORMAT_VERSION, identity: randomUUID(), topics: {} };
    writeMeta(meta, created);
    return created;
  });
}

function writeMeta(meta: Store, value: Meta): void {
  meta.putSync(META_KEY, Buffer.from(JSON.stringify(value)));
}

function treeBytes(tree: Store): number {
  // The driver's types leave the shape open.
  const stats = tree.getStats() as Record<
    'pageSize' | 'treeBranchPageCount' | 'treeLeafPageCount' | 'overflowPages',
    number
  >;
  return (stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages) * stats.pageSize;
}

const COMMIT_ERROR_WAIT_MS = 100;

/** lmdb says only that a commit failed; why comes a moment later, as the rejection of a promise on the error. */
async function withCommitError(error: unknown): Promise<unknown> {
  if (typeof error !== 'object' || error === null || !('commitError' in error)) return error;
  const reason = Promise.resolve(error.commitError).then(
    () => error,
    (cause: unknown) => cause,
  );
  const late = new Promise<unknown>((resolve) => setTimeout(resolve, COMMIT_ERROR_WAIT_MS, error));
  return Promise.race([reason, late]);
}
