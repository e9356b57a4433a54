import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { ActionMetrics } from '@watchkeeper/app-action/action-metrics';
import { ActionSettings } from '@watchkeeper/app-action/action.settings';
import { WebhookEndpoints } from '@watchkeeper/app-action/webhook-endpoints';
import { IngestMetrics } from '@watchkeeper/app-ingest/ingest-metrics';
import { IngestSettings } from '@watchkeeper/app-ingest/ingest.settings';
import { VerdictFinder } from '@watchkeeper/app-ingest/track-event.service';
import { PolicySource } from '@watchkeeper/app-stream/policy-source';
import { StreamMetrics } from '@watchkeeper/app-stream/stream-metrics';
import { STREAM_DEFAULTS, StreamSettings } from '@watchkeeper/app-stream/stream.settings';
import { ActionStore } from '@watchkeeper/action-store';
import { Classifier } from '@watchkeeper/classifier';
import { EventLog } from '@watchkeeper/event-log';
import { Lakehouse, ReportStore } from '@watchkeeper/lakehouse';
import { Authenticator, Metrics } from '@watchkeeper/platform';
import { Registry } from '@watchkeeper/registry';
import { LogVerdictFinder } from './log-verdict-finder';
import type { Adapters } from './adapters';
import { codeVersion } from './package-root';
import { actionMetrics, ingestMetrics, streamMetrics } from './service-metrics';
import type { Settings } from './settings';

/** What the services ask for by its abstract name, given to all of them. */
@Global()
@Module({})
export class AdaptersModule {
  static with(adapters: Adapters, settings: Settings): DynamicModule {
    const providers = [...adapterProviders(adapters), ...settingProviders(settings), ...metricProviders()];
    return {
      module: AdaptersModule,
      providers,
      exports: providers.map((provider) => (typeof provider === 'object' ? provider.provide : provider)),
    };
  }
}

function adapterProviders({ log, actions, registry, classifier, lakehouse, reports }: Adapters): Provider[] {
  const webhooks: WebhookEndpoints = {
    list: (tenant) => registry.webhooks(tenant),
    create: (tenant, url) => registry.createWebhook(tenant, url),
    remove: (tenant, id) => registry.deleteWebhook(tenant, id),
    disable: async (tenant, id, reason) => {
      await registry.disableWebhook(tenant, id, reason);
    },
  };
  return [
    { provide: EventLog, useValue: log },
    { provide: ActionStore, useValue: actions },
    { provide: Registry, useValue: registry },
    { provide: Classifier, useValue: classifier },
    { provide: Lakehouse, useValue: lakehouse },
    { provide: ReportStore, useValue: reports },
    { provide: WebhookEndpoints, useValue: webhooks },
    { provide: Authenticator, useValue: { authenticate: (key: string) => registry.authenticate(key) } },
    { provide: PolicySource, useValue: { policyFor: (tenant: string) => registry.policyFor(tenant) } },
    { provide: VerdictFinder, useValue: new LogVerdictFinder(log, classifier, registry) },
  ];
}

function settingProviders(settings: Settings): Provider[] {
  const { limits } = new IngestSettings();
  const { bodyBytesMax, eventsPerSecondMax, webhooksAllowPrivate } = settings;
  return [
    { provide: IngestSettings, useValue: new IngestSettings({ ...limits, bodyBytesMax, eventsPerSecondMax }) },
    { provide: StreamSettings, useValue: { ...STREAM_DEFAULTS, codeVersion: codeVersion() } },
    {
      provide: ActionSettings,
      useValue: new ActionSettings({
        webhooks: { allowHttp: webhooksAllowPrivate, allowPrivate: webhooksAllowPrivate },
      }),
    },
  ];
}

function metricProviders(): Provider[] {
  return [
    { provide: IngestMetrics, inject: [Metrics], useFactory: ingestMetrics },
    { provide: StreamMetrics, inject: [Metrics], useFactory: streamMetrics },
    { provide: ActionMetrics, inject: [Metrics], useFactory: actionMetrics },
  ];
}
