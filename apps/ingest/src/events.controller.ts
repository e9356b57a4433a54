import { Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '@watchkeeper/domain';
import { CurrentCaller, problems, RequireScope } from '@watchkeeper/platform';
import type { Checked, Receipt } from './accept';
import { AcceptPostedService } from './accept-posted.service';
import { checkEvaluation, checkEvent, checkModel, type Acceptance } from './check-posted';
import { IngestSettings } from './ingest.settings';
import { readPosted, type Posted } from './read-posted';

/** The doors: conversation events, human evaluations, model metadata. */
@Controller('v1')
export class EventsController {
  constructor(
    private readonly acceptPosted: AcceptPostedService,
    private readonly settings: IngestSettings,
  ) {}

  @Post('events')
  @RequireScope('ingest:write')
  events(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentCaller() caller: Caller): Promise<void> {
    return this.take('event', checkEvent, { request, reply, caller });
  }

  @Post('evaluations')
  @RequireScope('evals:write')
  evaluations(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.take('evaluation', checkEvaluation, { request, reply, caller });
  }

  @Post('models')
  @RequireScope('evals:write')
  models(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentCaller() caller: Caller): Promise<void> {
    return this.take('model', checkModel, { request, reply, caller });
  }

  private async take(
    kind: Parameters<AcceptPostedService['accept']>[0],
    check: (posted: Posted, acceptance: Acceptance) => Checked,
    { request, reply, caller }: { request: FastifyRequest; reply: FastifyReply; caller: Caller },
  ): Promise<void> {
    const { bodyBytesMax, depthMax, eventsMax } = this.settings.limits;
    const posted = await readPosted(request, { bytesMax: bodyBytesMax, depthMax, itemsMax: eventsMax });
    const acceptance = { caller, acceptedAt: new Date().toISOString() };
    const receipt = await this.acceptPosted.accept(
      kind,
      caller,
      posted.map((item) => check(item, acceptance)),
    );
    await answer(reply, receipt, request.id);
  }
}

/** 202 when anything of it is now in the log; 422 or 409 when nothing is, with the same results inside. */
async function answer(reply: FastifyReply, receipt: Receipt, requestId: string): Promise<void> {
  void reply.header('cache-control', 'no-store');
  if (receipt.accepted + receipt.duplicate > 0) {
    await reply.code(202).send(receipt);
    return;
  }
  const problem =
    receipt.conflict > 0
      ? problems.conflict(
          'everything posted bears the id of something else that was posted before; the first one stands',
        )
      : problems.invalid('nothing in the body was valid', faultsOf(receipt));
  await reply
    .code(problem.fields.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify({ ...problem.toJson(requestId), ...receipt }));
}

/** Pointers into the body: with more than one item they begin with its index. */
function faultsOf({ results }: Receipt): { pointer: string; detail: string }[] {
  return results.flatMap((result) =>
    result.status === 'invalid'
      ? result.errors.map(({ pointer, detail }) => ({
          pointer: results.length > 1 ? `/${result.index}${pointer}` : pointer,
          detail,
        }))
      : [],
  );
}
