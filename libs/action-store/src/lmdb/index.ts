export { LmdbActionStore } from './lmdb-action-store';
export type { LmdbActionStoreSettings } from './lmdb-action-store';
