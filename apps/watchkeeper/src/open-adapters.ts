import { join } from 'node:path';
import { LmdbActionStore } from '@watchkeeper/action-store/lmdb';
import type { Classifier } from '@watchkeeper/classifier';
import { OnnxClassifier } from '@watchkeeper/classifier/onnx';
import type { EventLog } from '@watchkeeper/event-log';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import type { Lakehouse } from '@watchkeeper/lakehouse';
import { DirectoryCatalog } from '@watchkeeper/lakehouse/catalog/directory';
import { IcebergLakehouse } from '@watchkeeper/lakehouse/iceberg-lakehouse';
import { FileReportStore } from '@watchkeeper/lakehouse/reports';
import { describe } from '@watchkeeper/platform';
import { PgliteRegistry } from '@watchkeeper/registry/pglite';
import type { LoggerService } from '@nestjs/common';
import type { Adapters } from './adapters';
import { failpoint, withFailpoints, type Reached } from './failpoints';
import type { Settings } from './settings';

export { readPolicyFile } from '@watchkeeper/registry/typeorm';

/** The embedded profile: all of it in this process and in one folder. Opens all of it or nothing. */
export async function openAdapters(settings: Settings, logger: LoggerService): Promise<Adapters> {
  const { dataDir } = settings;
  const reached = settings.failpoint === undefined ? undefined : failpoint(settings.failpoint);
  // The registry holds the folder's lock: a second server on the same folder is refused before it touches anything.
  const registry = await PgliteRegistry.open({
    dir: join(dataDir, 'registry'),
    defaultPolicyFile: settings.policyFile,
  });
  const opening = {
    log: openLog(settings, logger),
    actions: LmdbActionStore.open({ dir: join(dataDir, 'actions') }),
    classifier: openClassifier(settings, logger),
    lakehouse: openLakehouse(settings, reached),
    reports: FileReportStore.open({ directory: join(dataDir, 'reports') }),
  };
  try {
    const [log, actions, classifier, lakehouse, reports] = await Promise.all([
      opening.log,
      opening.actions,
      opening.classifier,
      opening.lakehouse,
      opening.reports,
    ]);
    const adapters = { log, actions, registry, classifier, lakehouse, reports };
    return reached ? withFailpoints(adapters, reached) : adapters;
  } catch (error) {
    for (const adapter of [opening.log, opening.actions, opening.classifier, opening.lakehouse]) {
      await Promise.resolve<{ close(): Promise<void> }>(adapter).then(
        (opened) => opened.close(),
        () => undefined,
      );
    }
    await registry.close();
    throw error;
  }
}

async function openLog({ dataDir, partitions }: Settings, logger: LoggerService): Promise<EventLog> {
  return LmdbEventLog.open({
    dir: join(dataDir, 'log'),
    partitions,
    onError: (error, where) =>
      logger.warn({ message: 'batch will be delivered again', ...where, error: describe(error) }),
  });
}

async function openLakehouse(settings: Settings, reached: Reached | undefined): Promise<Lakehouse> {
  const root = join(settings.dataDir, 'lake');
  const catalog = await DirectoryCatalog.open({ root, reached: (point) => reached?.(`lake.${point}`) });
  return IcebergLakehouse.open({
    dir: root,
    catalog,
    threads: settings.duckdbThreads,
    memoryLimitMb: settings.duckdbMemoryMb,
  });
}

export function openClassifier({ modelDir, classifierWorkers }: Settings, logger?: LoggerService): Promise<Classifier> {
  return OnnxClassifier.open({
    modelDir,
    workers: classifierWorkers,
    onError: (error) => logger?.warn({ message: 'scoring thread replaced', error: describe(error) }),
  });
}

/** In reverse order: what writes to the log goes before the log. */
export async function closeAdapters({ classifier, lakehouse, actions, log, registry }: Adapters): Promise<void> {
  for (const adapter of [classifier, lakehouse, actions, log, registry]) await adapter.close();
}
