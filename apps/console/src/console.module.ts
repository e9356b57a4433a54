import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { ReportsController } from './reports.controller';

/** Published reports, for people and programs. */
@Module({})
export class ConsoleModule {
  /** `imports` bring ReportStore: the adapter is chosen by the composition root. */
  static with(imports: NonNullable<ModuleMetadata['imports']>): DynamicModule {
    return { module: ConsoleModule, imports, controllers: [ReportsController] };
  }
}
