import { Module, type DynamicModule, type OnModuleInit, type Type } from '@nestjs/common';
import { ActionModule } from '@watchkeeper/app-action/action.module';
import { BatchModule } from '@watchkeeper/app-batch/batch.module';
import { BATCH_DEFAULTS } from '@watchkeeper/app-batch/batch.settings';
import { ConsoleModule } from '@watchkeeper/app-console/console.module';
import { SettingsModule } from '@watchkeeper/app-console/settings.module';
import { IngestModule } from '@watchkeeper/app-ingest/ingest.module';
import { StreamModule } from '@watchkeeper/app-stream/stream.module';
import { Classifier } from '@watchkeeper/classifier';
import { GROUPS, TOPICS } from '@watchkeeper/domain';
import { EventLog } from '@watchkeeper/event-log';
import { Metrics, PlatformModule, Readiness } from '@watchkeeper/platform';
import { Registry } from '@watchkeeper/registry';
import { AdaptersModule } from './adapters.module';
import type { Adapters } from './adapters';
import { codeVersion } from './package-root';
import type { Settings, SERVICES } from './settings';

const DAY_MS = 86_400_000;
const CONSUMED = [
  [TOPICS.events, GROUPS.judge],
  [TOPICS.alerts, GROUPS.apply],
] as const;

/** How far behind is too far. */
abstract class ReadinessBounds {
  abstract readonly lagMsMax: number;
}

/** All services in one process. */
@Module({})
export class WatchkeeperModule implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
    private readonly log: EventLog,
    private readonly classifier: Classifier,
    private readonly registry: Registry,
    private readonly bounds: ReadinessBounds,
  ) {}

  static with(adapters: Adapters, settings: Settings): DynamicModule {
    const adaptersModule = AdaptersModule.with(adapters, settings);
    const batch = {
      ...BATCH_DEFAULTS,
      codeVersion: codeVersion(),
      tenants: () => adapters.registry.tenants(),
      landIntervalMs: settings.landIntervalMs,
      refreshIntervalMs: settings.refreshIntervalMs,
      labelsMin: settings.labelsMin,
      logAgeMsMax: settings.retentionDays > 0 ? settings.retentionDays * DAY_MS : undefined,
    };
    const services: Record<(typeof SERVICES)[number], (Type | DynamicModule)[]> = {
      ingest: [IngestModule],
      stream: [StreamModule],
      action: [ActionModule],
      batch: [BatchModule.with(batch, [])],
      console: [ConsoleModule.with([]), SettingsModule],
    };
    return {
      module: WatchkeeperModule,
      providers: [{ provide: ReadinessBounds, useValue: { lagMsMax: settings.lagMsMax } }],
      imports: [PlatformModule, adaptersModule, ...settings.services.flatMap((service) => services[service])],
    };
  }

  onModuleInit(): void {
    this.readiness.add('log', () => this.log.check());
    this.readiness.add('classifier', () => this.classifier.check());
    this.readiness.add('registry', () => this.registry.check());
    this.readiness.add('lag', () => this.checkLag());
    const { name, version, sha256 } = this.classifier.model;
    this.metrics.gauge('model_info', 'The safety model in use.', ['name', 'version', 'sha256'], (gauge) =>
      gauge.set({ name, version, sha256 }, 1),
    );
    this.metrics.gauge(
      'consumer_lag_events',
      'Records a group has still to deal with.',
      ['topic', 'group'],
      async (gauge) => {
        for (const [topic, group] of CONSUMED) {
          const lags = await this.log.lag(topic, group);
          gauge.set(
            { topic, group },
            lags.reduce((total, lag) => total + lag.records, 0),
          );
        }
      },
    );
  }

  private async checkLag(): Promise<void> {
    const { lagMsMax } = this.bounds;
    for (const [topic, group] of CONSUMED) {
      const oldestMs = Math.max(0, ...(await this.log.lag(topic, group)).map((lag) => lag.oldestMs));
      if (oldestMs > lagMsMax) throw new Error(`${group} is ${Math.round(oldestMs / 1_000)} s behind ${topic}`);
    }
  }
}
