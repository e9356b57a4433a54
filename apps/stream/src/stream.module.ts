import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters.controller';
import { DeadLettersService } from './dead-letters.service';
import { JudgeEvents } from './judge-events';
import { JudgeTurnsService } from './judge-turns.service';
import { RetryUnclassifiedService } from './retry-unclassified.service';

/**
 * Turns in, verdicts and alerts out. The composition root provides EventLog, Classifier, PolicySource, StreamMetrics and
 * StreamSettings in a global module.
 */
@Module({
  controllers: [DeadLettersController],
  providers: [JudgeEvents, JudgeTurnsService, DeadLettersService, RetryUnclassifiedService],
  exports: [DeadLettersService],
})
export class StreamModule {}
