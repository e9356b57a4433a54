import type { WebhookEndpoint } from '@watchkeeper/registry';

/** Where a tenant wants to be called. */
export abstract class WebhookEndpoints {
  abstract list(tenant: string): Promise<readonly WebhookEndpoint[]>;
  abstract create(tenant: string, url: string): Promise<WebhookEndpoint>;
  /** false when the tenant has no such endpoint. */
  abstract remove(tenant: string, id: string): Promise<boolean>;
  /** Calls it no more, and keeps the reason for whoever looks. */
  abstract disable(tenant: string, id: string, reason: string): Promise<void>;
}
