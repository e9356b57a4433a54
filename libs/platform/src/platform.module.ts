import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './access';
import { Metrics } from './metrics';
import { OperationsController } from './operations.controller';
import { Readiness } from './readiness';

/** The one global module: access, health, metrics. Needs an Authenticator from the composition root. */
@Global()
@Module({
  controllers: [OperationsController],
  providers: [
    { provide: Metrics, useFactory: () => new Metrics() },
    { provide: Readiness, useFactory: () => new Readiness() },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Metrics, Readiness],
})
export class PlatformModule {}
