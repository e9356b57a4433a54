/** What an API key may do. Every route declares one of these or says that it is open. */
export const SCOPES = [
  'ingest:write',
  'events:read',
  'moderate:call',
  'alerts:read',
  'actions:write',
  'reports:read',
  'evals:write',
  'admin',
] as const;

export type Scope = (typeof SCOPES)[number];

/** The tenant of whoever runs the server: the only one of a server for one house, and the one that makes others. */
export const OPERATOR_TENANT = 'default';

/** Who calls: the tenant comes from the key, never from the body. */
export interface Caller {
  readonly tenant: string;
  readonly keyId: string;
  /** The key's name: the default `source` of what it posts. */
  readonly name: string;
  readonly scopes: readonly Scope[];
}
