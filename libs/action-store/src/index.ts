export { ActionStore } from './action-store';
export type { AlertFilter, AlertPage, Applied, Delivery } from './action-store';
