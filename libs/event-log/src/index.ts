export { EventLog } from './event-log';
export type {
  Appended,
  AppendOutcome,
  BatchHandler,
  Lag,
  NewRecord,
  Position,
  RecordBatch,
  Retention,
  StoredRecord,
  SubscribeOptions,
  Subscription,
} from './event-log';
export { partitionOf } from './partitioner';
