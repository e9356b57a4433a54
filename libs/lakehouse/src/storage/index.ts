export { PutStateUnknown, Storage } from './storage';
export type { StoredFile } from './storage';
