import { Module } from '@nestjs/common';
import { ActionSettings } from './action.settings';
import { AlertFeedService } from './alert-feed.service';
import { AlertStreamController } from './alert-stream.controller';
import { AlertsController } from './alerts.controller';
import { AppliedAlerts } from './applied-alerts';
import { ApplyAlertsService } from './apply-alerts.service';
import { AttemptDeliveryService } from './attempt-delivery.service';
import { Clock, SystemClock } from './clock';
import { DeliverWebhooksService } from './deliver-webhooks.service';
import { EnforcementsController } from './enforcements.controller';
import { QueueWebhooksService } from './queue-webhooks.service';
import { RebuildStoreService } from './rebuild-store.service';
import { RunActionService } from './run-action.service';
import { SweepStoreService } from './sweep-store.service';
import { UndoActionService } from './undo-action.service';
import { HttpWebhookSender, WebhookSender } from './webhook-sender';
import { WebhooksController } from './webhooks.controller';

/**
 * Alerts in, actions in force, and everyone told who wants to know. The composition root provides EventLog, ActionStore,
 * WebhookEndpoints, ActionMetrics and ActionSettings in a global module, beside the platform.
 */
@Module({
  controllers: [AlertStreamController, AlertsController, EnforcementsController, WebhooksController],
  providers: [
    { provide: Clock, useClass: SystemClock },
    RebuildStoreService,
    ApplyAlertsService,
    UndoActionService,
    AppliedAlerts,
    AlertFeedService,
    QueueWebhooksService,
    AttemptDeliveryService,
    DeliverWebhooksService,
    SweepStoreService,
    RunActionService,
    {
      provide: WebhookSender,
      inject: [ActionSettings],
      useFactory: (settings: ActionSettings) => new HttpWebhookSender(settings.webhooks),
    },
  ],
})
export class ActionModule {}
