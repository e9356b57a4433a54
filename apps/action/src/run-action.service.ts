import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Readiness } from '@watchkeeper/platform';
import { ApplyAlertsService } from './apply-alerts.service';
import { QueueWebhooksService } from './queue-webhooks.service';
import { RebuildStoreService } from './rebuild-store.service';
import { SweepStoreService } from './sweep-store.service';

const RETRY_MS = 2_000;

/** The order of the start: the store holds all of the log before anything new is applied. */
@Injectable()
export class RunActionService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(RunActionService.name);
  private readonly stopping = new AbortController();
  private state: string | undefined = 'the action store is being compared with the log';
  private starting: Promise<void> = Promise.resolve();

  constructor(
    private readonly rebuild: RebuildStoreService,
    private readonly applyAlerts: ApplyAlertsService,
    private readonly queueWebhooks: QueueWebhooksService,
    private readonly sweepStore: SweepStoreService,
    private readonly readiness: Readiness,
  ) {}

  /** Does not wait: a rebuild may take a while, and until then the process says that it is not ready. */
  onApplicationBootstrap(): void {
    this.readiness.add('action', () => {
      if (this.state !== undefined) throw new Error(this.state);
    });
    this.starting = this.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.starting;
    await Promise.all([this.applyAlerts.stop(), this.queueWebhooks.stop(), this.sweepStore.stop()]);
  }

  /** Resolves once alerts are being applied. */
  async started(): Promise<void> {
    await this.starting;
  }

  private async start(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.rebuild.run();
        await this.applyAlerts.start();
        await this.queueWebhooks.start();
        this.sweepStore.start();
        this.state = undefined;
        return;
      } catch (error) {
        this.state = error instanceof Error ? error.message : 'the start failed';
        this.logger.error({ message: 'action service did not start; it tries again', reason: this.state });
        await Promise.all([this.applyAlerts.stop(), this.queueWebhooks.stop()]);
        await this.pause();
      }
    }
  }

  private async pause(): Promise<void> {
    const { signal } = this.stopping;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
