export { IcebergLakehouse } from './iceberg-lakehouse';
export type { IcebergLakehouseSettings } from './iceberg-lakehouse';
