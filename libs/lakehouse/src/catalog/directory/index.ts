export { DirectoryCatalog } from './directory-catalog';
export type { DirectoryCatalogSettings } from './directory-catalog';
