export { LocalStorage } from './local-storage';
export type { LocalStorageSettings } from './local-storage';
