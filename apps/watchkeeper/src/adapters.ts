import type { ActionStore } from '@watchkeeper/action-store';
import type { Classifier } from '@watchkeeper/classifier';
import type { EventLog } from '@watchkeeper/event-log';
import type { Lakehouse, ReportStore } from '@watchkeeper/lakehouse';
import type { Registry } from '@watchkeeper/registry';

/** Everything the services stand on. */
export interface Adapters {
  readonly log: EventLog;
  readonly actions: ActionStore;
  readonly registry: Registry;
  readonly classifier: Classifier;
  readonly lakehouse: Lakehouse;
  readonly reports: ReportStore;
}
