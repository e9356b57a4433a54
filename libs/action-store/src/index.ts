export { ActionStore } from './action-store';
export type { AlertFilter, AlertPage, Applied, Delivery, KnownAction } from './action-store';
