import { Module } from '@nestjs/common';
import { AcceptPostedService } from './accept-posted.service';
import { EventTrailController } from './event-trail.controller';
import { EventsController } from './events.controller';
import { IngestMetrics } from './ingest-metrics';
import { IngestSettings } from './ingest.settings';
import { TenantQuota } from './tenant-quota';
import { TrackEventService } from './track-event.service';

/**
 * HTTP in, the log out. The composition root provides EventLog, ActionStore, Lakehouse, VerdictFinder,
 * IngestSettings and IngestMetrics in a global module.
 */
@Module({
  controllers: [EventsController, EventTrailController],
  providers: [
    AcceptPostedService,
    TrackEventService,
    {
      provide: TenantQuota,
      inject: [IngestSettings, IngestMetrics],
      useFactory: (settings: IngestSettings, metrics: IngestMetrics) => new TenantQuota(settings, metrics),
    },
  ],
})
export class IngestModule {}
