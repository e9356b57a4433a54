import { Injectable, Logger } from '@nestjs/common';
import { ActionStore } from '@watchkeeper/action-store';
import { ActionSettings } from './action.settings';
import { Clock } from './clock';

/** Drops what ended longer ago than the retention, now and then. */
@Injectable()
export class SweepStoreService {
  private readonly logger = new Logger(SweepStoreService.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: ActionStore,
    private readonly settings: ActionSettings,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.sweeping = this.sweeping.then(() => this.sweep());
    }, this.settings.apply.sweepIntervalMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  private async sweep(): Promise<void> {
    try {
      const { dropped } = await this.store.sweep(this.clock.nowMs(), this.settings.apply.retentionMs);
      this.logger.log({ message: 'action store swept', dropped });
    } catch (error) {
      this.logger.warn({ message: 'action store was not swept', reason: error instanceof Error ? error.message : '' });
    }
  }
}
