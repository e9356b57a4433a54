import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { z } from 'zod';
import { acceptedModelMetadataSchema, modelMetadataSchema, policySchema, TOPICS } from '@watchkeeper/domain';
import { EventLog, type Position, type StoredRecord, type Subscription } from '@watchkeeper/event-log';
import { problems } from '@watchkeeper/platform';
import { Registry } from '@watchkeeper/registry';

const GROUP = 'project-registry';
const PROJECTED = [TOPICS.policies, TOPICS.models] as const;
const BATCH_RECORDS_MAX = 500;
const WAIT_MS_MAX = 5_000;
const WAIT_STEP_MS = 10;

const setPolicySchema = z.object({ tenant: z.string(), policy: policySchema });

/** What a record sets: of two with the same name the later one counts, in whatever partitions they lie. */
interface Setting {
  readonly name: string;
  readonly atMs: number;
  readonly apply: () => Promise<void>;
}

/**
 * Policies and models out of the log into the registry. The registry may have been lost, so each start sets the last
 * word on everything again, before anything is judged; setting the same again changes nothing.
 */
@Injectable()
export class ProjectRegistryService implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ProjectRegistryService.name);
  private subscription?: Subscription;
  /** When what is set was appended, by its name: partitions come in any order, and an older word changes nothing. */
  private readonly setAtMs = new Map<string, number>();

  constructor(
    private readonly log: EventLog,
    private readonly registry: Registry,
  ) {}

  async onModuleInit(): Promise<void> {
    for (const topic of PROJECTED) await this.restore(topic);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.subscription = await this.log.subscribe({
      topics: PROJECTED,
      group: GROUP,
      recordsMax: BATCH_RECORDS_MAX,
      handle: async ({ records }) => {
        await this.setLast(this.settingsIn(records));
      },
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.subscription?.stop();
  }

  /** Resolves once the registry has what stands at this position. */
  async reached({ topic, partition, offset }: Position): Promise<void> {
    for (let waitedMs = 0; waitedMs < WAIT_MS_MAX; waitedMs += WAIT_STEP_MS) {
      const committed = await this.log.committed(topic, GROUP);
      if ((committed[partition] ?? 0) > offset) return;
      await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
    }
    throw problems.unavailable(
      'the change is in the log and will be in force as soon as the registry answers again',
      5,
    );
  }

  private async restore(topic: string): Promise<void> {
    const settings: Setting[] = [];
    for (const { partition, start, end } of await this.log.bounds(topic)) {
      for (let offset = start; offset < end;) {
        const records = await this.log.read({ topic, partition, offset }, { recordsMax: BATCH_RECORDS_MAX });
        if (records.length === 0) break;
        settings.push(...this.settingsIn(records));
        offset = records.at(-1)!.offset + 1;
      }
    }
    await this.setLast(settings);
  }

  private async setLast(settings: readonly Setting[]): Promise<void> {
    const inTime = settings.toSorted((a, b) => a.atMs - b.atMs);
    for (const { name, atMs, apply } of new Map(inTime.map((setting) => [setting.name, setting])).values()) {
      if (atMs < (this.setAtMs.get(name) ?? 0)) continue;
      await apply();
      this.setAtMs.set(name, atMs);
    }
  }

  private settingsIn(records: readonly StoredRecord[]): Setting[] {
    return records.flatMap((record) => this.settingIn(record) ?? []);
  }

  private settingIn(record: StoredRecord): Setting | undefined {
    const value = readJson(record.value);
    const atMs = record.appendedAtMs;
    const asPolicy = setPolicySchema.safeParse(value);
    if (record.topic === TOPICS.policies && asPolicy.success) {
      const { tenant, policy } = asPolicy.data;
      return { name: tenant, atMs, apply: () => this.registry.setPolicy(tenant, policy) };
    }
    const asModel = acceptedModelMetadataSchema.safeParse(value);
    if (record.topic === TOPICS.models && asModel.success) {
      const { tenant, ...model } = asModel.data;
      const { provider, name, version } = model;
      return {
        name: JSON.stringify([tenant, provider, name, version]),
        atMs,
        apply: () => this.registry.saveModel(tenant, modelMetadataSchema.parse(model)),
      };
    }
    const { topic, partition, offset } = record;
    this.logger.warn({ message: 'setting not readable', topic, partition, offset });
    return undefined;
  }
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
