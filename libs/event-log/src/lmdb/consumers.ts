import { logError } from './errors';
import { Lane, type LaneSettings, type Member } from './lane';
import { isFree, LEASE_MS } from './leases';
import type { Topic } from './environment';
import type { Subscription } from '../event-log';

/** Three tries before a lease ends. */
const RENEW_MS = LEASE_MS / 3;

/** The groups that consume in this process: a lane per topic, partition and group, whoever subscribes. */
export class Consumers {
  private readonly lanes = new Map<string, readonly Lane[]>();
  private renewing: NodeJS.Timeout | undefined;

  constructor(private readonly settings: Omit<LaneSettings, 'group'>) {}

  subscribe(topics: readonly Topic[], group: string, member: Member): Subscription {
    const lanes = topics.flatMap((topic) => this.lanesOf(topic, group));
    for (const lane of lanes) lane.add(member);
    this.renewing ??= setInterval(() => this.renew(), RENEW_MS).unref();
    let stopped: Promise<void> | undefined;
    return { stop: () => (stopped ??= this.stop(lanes, member)) };
  }

  /** Throws when the group consumes the topic, here or in another process. */
  checkIdle(topic: Topic, group: string): void {
    const { env, owner, now } = this.settings;
    const isBusyHere = this.lanes.get(nameOf(topic, group))?.some((lane) => !lane.isIdle) ?? false;
    const isFreeOf = (nowMs: number): boolean =>
      topic.partitions.every((partition) => isFree(env, partition, group, { owner, nowMs }));
    if (!isBusyHere && isFreeOf(now())) return;
    throw logError('log-group-busy', `Setting the position of group ${group} in ${topic.name}: it is subscribed`);
  }

  close(): void {
    clearInterval(this.renewing);
  }

  private async stop(lanes: readonly Lane[], member: Member): Promise<void> {
    await Promise.all(lanes.map((lane) => lane.remove(member)));
  }

  private lanesOf(topic: Topic, group: string): readonly Lane[] {
    const name = nameOf(topic, group);
    const known = this.lanes.get(name);
    if (known !== undefined) return known;
    const lanes = topic.partitions.map((partition) => new Lane(partition, { ...this.settings, group }));
    this.lanes.set(name, lanes);
    return lanes;
  }

  private renew(): void {
    for (const lane of [...this.lanes.values()].flat()) {
      const write = lane.renew();
      // Not renewed, it shows in the lane's next commit.
      if (write !== undefined) void this.settings.writer.submit(write).catch(() => undefined);
    }
  }
}

function nameOf(topic: Topic, group: string): string {
  return `${topic.number} ${group}`;
}
