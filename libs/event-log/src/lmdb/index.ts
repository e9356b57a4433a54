export { LmdbEventLog } from './lmdb-event-log';
export type { LmdbEventLogSettings } from './lmdb-event-log';
