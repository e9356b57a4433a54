export { readPolicyFile } from './default-policy';
export { TypeormRegistry } from './typeorm-registry';
export type { PostgresConnection, TypeormRegistrySettings } from './typeorm-registry';
