import { Module } from '@nestjs/common';
import { KeysController } from './keys.controller';
import { ModelsController } from './models.controller';
import { PoliciesController } from './policies.controller';
import { ProjectRegistryService } from './project-registry.service';
import { SchemasController } from './schemas.controller';

/** What people set: keys, policies, models. The composition root provides EventLog and Registry in a global module. */
@Module({
  controllers: [KeysController, PoliciesController, ModelsController, SchemasController],
  providers: [ProjectRegistryService],
})
export class SettingsModule {}
