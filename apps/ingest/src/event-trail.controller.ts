import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { identifierSchema, type Caller } from '@watchkeeper/domain';
import { CurrentCaller, problems, RequireScope } from '@watchkeeper/platform';
import { TrackEventService, type EventTrail } from './track-event.service';

/** How far did my event get? */
@Controller('v1/events')
export class EventTrailController {
  constructor(private readonly trackEvent: TrackEventService) {}

  @Get(':id')
  @RequireScope('events:read')
  @Header('cache-control', 'no-store')
  async trail(
    @Param('id') id: string,
    @Query('source') source: unknown,
    @CurrentCaller() caller: Caller,
  ): Promise<EventTrail> {
    const from = identifierSchema.safeParse(source ?? caller.name);
    if (!from.success || !identifierSchema.safeParse(id).success) {
      throw problems.badRequest('an id and a source have 1 to 256 characters, none of them control characters');
    }
    const trail = await this.trackEvent.track(caller.tenant, from.data, id);
    if (!trail) {
      throw problems.notFound('no such event is in the log; if another source posted it, add ?source=NAME');
    }
    return trail;
  }
}
