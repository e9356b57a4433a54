export { PgliteRegistry } from './pglite-registry';
export type { PgliteRegistrySettings } from './pglite-registry';
