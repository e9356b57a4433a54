import { Module, type DynamicModule, type ModuleMetadata, type OnModuleInit } from '@nestjs/common';
import { Readiness } from '@watchkeeper/platform';
import { BatchController } from './batch.controller';
import { BatchHealth } from './batch-health';
import { BatchMetrics } from './batch.metrics';
import { BatchSettings, Clock, SystemClock } from './batch.settings';
import { BuildWeeklyReportService } from './build-weekly-report.service';
import { LandEventsService } from './land-events.service';
import { LandTopicsService } from './land-topics.service';
import { MaintainService } from './maintain.service';
import { ReviseReportsService } from './revise-reports.service';
import { VerifyService } from './verify.service';

/** Log → bronze → silver → gold → report. */
@Module({})
export class BatchModule implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    private readonly health: BatchHealth,
  ) {}

  /** `imports` bring EventLog, Lakehouse and ReportStore: adapters are chosen, opened and closed by the composition root. */
  static with(settings: BatchSettings, imports: NonNullable<ModuleMetadata['imports']>): DynamicModule {
    return {
      module: BatchModule,
      controllers: [BatchController],
      imports,
      providers: [
        { provide: BatchSettings, useValue: settings },
        { provide: Clock, useClass: SystemClock },
        BatchMetrics,
        BatchHealth,
        LandTopicsService,
        BuildWeeklyReportService,
        ReviseReportsService,
        LandEventsService,
        VerifyService,
        MaintainService,
      ],
      exports: [BatchHealth, BuildWeeklyReportService, LandEventsService, VerifyService, MaintainService],
    };
  }

  onModuleInit(): void {
    this.readiness.add('lake', () => this.health.check());
  }
}
