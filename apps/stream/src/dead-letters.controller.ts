import { Controller, Get, Header, HttpCode, Param, Post, Query } from '@nestjs/common';
import { DomainError, type Caller, type DeadLetter } from '@watchkeeper/domain';
import { CurrentCaller, problems, RequireScope } from '@watchkeeper/platform';
import { DeadLettersService, REPLAY_OUTCOMES, type DeadLetterSummary } from './dead-letters.service';

const LIMIT_DEFAULT = 50;

/** What could not be read or judged: looked at, and judged again once the cause is mended. */
@Controller('v1/dead-letters')
@RequireScope('admin')
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLettersService) {}

  @Get()
  @Header('cache-control', 'no-store')
  async list(
    @Query('limit') limit: string | undefined,
    @Query('after') after: string | undefined,
    @CurrentCaller() { tenant }: Caller,
  ): Promise<{ deadLetters: readonly DeadLetterSummary[]; next?: string }> {
    const wanted = limit === undefined ? LIMIT_DEFAULT : Number(limit);
    if (!Number.isInteger(wanted) || wanted < 1) throw problems.badRequest('limit must be a whole number from 1 on');
    try {
      const { letters, next } = await this.deadLetters.list({ limit: wanted, tenant, ...(after && { after }) });
      return { deadLetters: letters, ...(next !== undefined && { next }) };
    } catch (error) {
      if (error instanceof DomainError && error.code === 'bad-cursor') throw problems.badRequest(error.message);
      throw error;
    }
  }

  @Get(':id')
  @Header('cache-control', 'no-store')
  async show(@Param('id') id: string, @CurrentCaller() { tenant }: Caller): Promise<DeadLetter> {
    const letter = await this.deadLetters.show(id, tenant);
    if (!letter) throw problems.notFound('there is no such dead letter');
    return letter;
  }

  /** How many came to which end; `all` for every letter of the tenant. */
  @Post(':id/replay')
  @HttpCode(200)
  async replay(@Param('id') id: string, @CurrentCaller() { tenant }: Caller): Promise<Record<string, number>> {
    const replayed = await this.deadLetters.replay(id === 'all' ? 'all' : [id], tenant);
    if (replayed.some(({ outcome }) => outcome === 'unknown-id'))
      throw problems.notFound('there is no such dead letter');
    return Object.fromEntries(
      REPLAY_OUTCOMES.map(
        (outcome) => [outcome, replayed.filter((letter) => letter.outcome === outcome).length] as const,
      ).filter(([, count]) => count > 0),
    );
  }
}
