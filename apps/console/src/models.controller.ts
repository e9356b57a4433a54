import { Controller, Get, Header } from '@nestjs/common';
import type { Caller, ModelMetadata } from '@watchkeeper/domain';
import { CurrentCaller, RequireScope } from '@watchkeeper/platform';
import { Registry } from '@watchkeeper/registry';

/** What is known of the conversation models. They are posted at the ingest door. */
@Controller('v1/models')
export class ModelsController {
  constructor(private readonly registry: Registry) {}

  @Get()
  @RequireScope('reports:read')
  @Header('cache-control', 'no-store')
  async list(@CurrentCaller() { tenant }: Caller): Promise<{ models: readonly ModelMetadata[] }> {
    return { models: await this.registry.models(tenant) };
  }
}
