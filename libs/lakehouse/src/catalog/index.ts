export { Catalog } from './catalog';
export type { TableDefinition } from './catalog';
export type { Requirement, Update } from './updates';
