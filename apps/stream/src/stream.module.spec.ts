import { Global, Logger, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Classifier } from '@watchkeeper/classifier';
import { EventLog } from '@watchkeeper/event-log';
import { MemoryEventLog } from '../../../test/fixtures/memory-event-log';
import { CountedMetrics, OnePolicy, TestStreamSettings, WordClassifier } from '../../../test/fixtures/stream';
import { DeadLettersService } from './dead-letters.service';
import { JudgeTurnsService } from './judge-turns.service';
import { PolicySource } from './policy-source';
import { RetryUnclassifiedService } from './retry-unclassified.service';
import { StreamMetrics } from './stream-metrics';
import { StreamModule } from './stream.module';
import { StreamSettings } from './stream.settings';

const parts = [
  { provide: EventLog, useFactory: () => new MemoryEventLog() },
  { provide: Classifier, useFactory: () => new WordClassifier() },
  { provide: PolicySource, useFactory: () => new OnePolicy() },
  { provide: StreamMetrics, useFactory: () => new CountedMetrics() },
  { provide: StreamSettings, useFactory: () => new TestStreamSettings() },
];

@Global()
@Module({ providers: parts, exports: parts.map(({ provide }) => provide) })
class PartsModule {}

describe('StreamModule', () => {
  it('needs the log, the classifier, the policies, the metrics and the settings, and nothing else', async () => {
    Logger.overrideLogger(false);
    const module = await Test.createTestingModule({ imports: [PartsModule, StreamModule] }).compile();

    for (const service of [JudgeTurnsService, RetryUnclassifiedService, DeadLettersService]) {
      expect(module.get(service, { strict: false })).toBeInstanceOf(service);
    }
  });
});
