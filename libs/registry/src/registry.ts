import type { Caller, ModelMetadata, Policy, Scope } from '@watchkeeper/domain';

export interface KeyInfo {
  readonly keyId: string;
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
  readonly lastUsedAt?: string;
}

export interface WebhookEndpoint {
  readonly id: string;
  readonly tenant: string;
  readonly url: string;
  /** `whsec_` + base64: signs what is sent there. */
  readonly secret: string;
  readonly createdAt: string;
  readonly disabledAt?: string;
  readonly disabledReason?: string;
}

/**
 * What people set and enter: keys, policies, models, webhook endpoints.
 * Promises (test/contracts/registry.contract.ts):
 *  1. a key is shown once, when it is made; only its hash is kept;
 *  2. `authenticate` knows a key until it expires or is revoked, and not a moment longer than `cacheMs`;
 *  3. a tenant without a policy of its own has the default one;
 *  4. setting a policy or a model again with the same content changes nothing;
 *  5. one tenant never sees another's keys, models or endpoints;
 *  6. what was set is there after `kill -9`.
 */
export abstract class Registry {
  abstract createKey(key: {
    readonly tenant: string;
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly expiresAt?: string;
  }): Promise<{ readonly key: string; readonly info: KeyInfo }>;

  /** The caller behind a key, or undefined. Cached, so that the hot path asks no database. */
  abstract authenticate(key: string): Promise<Caller | undefined>;

  abstract keys(tenant: string): Promise<readonly KeyInfo[]>;

  /** Every tenant that has, or had, a key. */
  abstract tenants(): Promise<readonly string[]>;

  /** false when the tenant has no such key. */
  abstract revokeKey(tenant: string, keyId: string): Promise<boolean>;

  /** The policy in force for a tenant: its own, or the default one. Cached. */
  abstract policyFor(tenant: string): Promise<Policy>;

  abstract setPolicy(tenant: string, policy: Policy): Promise<void>;

  abstract saveModel(tenant: string, model: ModelMetadata): Promise<void>;

  abstract models(tenant: string): Promise<readonly ModelMetadata[]>;

  abstract createWebhook(tenant: string, url: string): Promise<WebhookEndpoint>;

  abstract webhooks(tenant: string): Promise<readonly WebhookEndpoint[]>;

  abstract disableWebhook(tenant: string, id: string, reason: string): Promise<boolean>;

  abstract deleteWebhook(tenant: string, id: string): Promise<boolean>;

  abstract check(): Promise<void>;

  abstract close(): Promise<void>;
}
