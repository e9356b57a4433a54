import { mkdirSync, realpathSync } from 'node:fs';
import { Consumers } from './consumers';
import { LogEnvironment } from './environment';
import { logError } from './errors';
import { IdIndex } from './id-index';
import { newOwner } from './leases';
import { Signals } from './signals';
import { Writer } from './writer';
import { weigh } from './append';
import type { DeliveryFault, Redelivery } from './lane';

export interface CoreSettings {
  readonly dir: string;
  readonly isReadOnly: boolean;
  readonly sizeBytesMax: number;
  readonly idsInMemoryMax: number;
  readonly partitionsOf: (topic: string) => number;
  readonly now: () => number;
  readonly redelivery: Redelivery;
  readonly onError: (error: unknown, where: DeliveryFault) => void;
}

/** After a failed write LMDB may never finish; the process goes on to its end without it. */
const CLOSE_MS_MAX = 5000;

/**
 * What all openings of one folder in this thread share. One, because two would wait for each other's write lock on the
 * one thread that can give it up, and because a group's subscriptions share their partitions through it.
 */
export class LogCore {
  private static readonly open = new Map<string, LogCore>();

  readonly signals: Signals;
  readonly writer: Writer;
  readonly consumers: Consumers;
  readonly ids: IdIndex;
  private users = 0;
  private readonly lastEnds = new Map<string, number>();

  private constructor(
    private readonly path: string,
    readonly env: LogEnvironment,
    settings: CoreSettings,
  ) {
    const { now, redelivery, onError } = settings;
    this.ids = new IdIndex(env, settings.idsInMemoryMax);
    this.signals = new Signals((topic) => this.hasGrown(topic));
    this.writer = new Writer(env, this.ids, this.signals, { sizeBytesMax: settings.sizeBytesMax, now });
    this.consumers = new Consumers({
      env,
      writer: this.writer,
      signals: this.signals,
      owner: newOwner(),
      now,
      redelivery,
      onError,
      weigh: (records) => weigh(records, settings.partitionsOf),
    });
    // What a start has to read again is read now, not within the first append.
    if (!env.isReadOnly) this.ids.catchUp(env.allTopics().flatMap((topic) => topic.partitions));
  }

  /** The settings of the first opening hold. */
  static acquire(settings: CoreSettings): LogCore {
    if (!settings.isReadOnly) mkdirSync(settings.dir, { recursive: true });
    const path = pathOf(settings.dir);
    let core = LogCore.open.get(path);
    if (core === undefined) {
      core = new LogCore(path, LogEnvironment.open(path, settings.isReadOnly), settings);
      LogCore.open.set(path, core);
    } else if (core.env.isReadOnly && !settings.isReadOnly) {
      throw logError('log-invalid', `Opening the log in ${path}: this process has it open read-only`);
    }
    core.users++;
    return core;
  }

  async release(): Promise<void> {
    this.users--;
    if (this.users > 0) return;
    LogCore.open.delete(this.path);
    this.consumers.close();
    this.signals.close();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS_MAX)));
    await Promise.race([this.writer.close().then(() => this.env.close()), late]);
    clearTimeout(timer);
  }

  private hasGrown(name: string): boolean {
    const partitions = this.env.topic(name)?.partitions ?? [];
    const end = partitions.reduce((sum, partition) => sum + this.env.state(partition).end, 0);
    const last = this.lastEnds.get(name);
    this.lastEnds.set(name, end);
    return end !== last;
  }
}

function pathOf(dir: string): string {
  try {
    return realpathSync(dir);
  } catch (error) {
    throw logError('log-invalid', `Opening the log in ${dir}: there is none`, error);
  }
}
