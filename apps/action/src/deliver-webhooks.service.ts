import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ActionStore, type Delivery } from '@watchkeeper/action-store';
import { ActionSettings } from './action.settings';
import { AttemptDeliveryService } from './attempt-delivery.service';
import { Clock } from './clock';

/** Takes the calls that are due, makes so many at once, and notes what came of each. At least once, under one id. */
@Injectable()
export class DeliverWebhooksService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(DeliverWebhooksService.name);
  private readonly inFlight = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private isFailing = false;
  /** The last look took all there was room for: there may be more. */
  private hasMore = false;

  constructor(
    private readonly store: ActionStore,
    private readonly attempts: AttemptDeliveryService,
    private readonly settings: ActionSettings,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), this.settings.webhooks.pollMs);
  }

  /** Calls in flight end by their own timeout, well within the lease. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.round;
    await this.idle();
  }

  /** Starts the calls that are due, as far as there is room. */
  async startDue(): Promise<number> {
    const { callsMax, leaseMs } = this.settings.webhooks;
    const room = callsMax - this.inFlight.size;
    if (room <= 0) return 0;
    const claimed = await this.store.claim(this.clock.nowMs(), leaseMs, room);
    this.hasMore = claimed.length === room;
    for (const delivery of claimed) {
      const call = this.deliver(delivery).finally(() => {
        this.inFlight.delete(call);
        if (this.hasMore && this.timer) this.look();
      });
      this.inFlight.add(call);
    }
    return claimed.length;
  }

  /** Resolves when no call is in flight. */
  async idle(): Promise<void> {
    while (this.inFlight.size > 0) await Promise.all(this.inFlight);
  }

  /** What fails here stays claimed and is due again when its lease ends. */
  private async deliver(delivery: Delivery): Promise<void> {
    try {
      await this.store.settle(delivery.id, await this.attempts.attempt(delivery));
    } catch (error) {
      this.logger.warn({
        message: 'webhook delivery was not settled',
        deliveryId: delivery.id,
        reason: error instanceof Error ? error.message : 'unknown',
      });
    }
  }

  private look(): void {
    this.hasMore = false;
    this.round = this.round.then(() => this.tryRound());
  }

  private async tryRound(): Promise<void> {
    try {
      await this.startDue();
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) {
        this.logger.warn({
          message: 'webhook queue was not read',
          reason: error instanceof Error ? error.message : 'unknown',
        });
      }
      this.isFailing = true;
    }
  }
}
