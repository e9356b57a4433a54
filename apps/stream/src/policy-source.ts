import type { Policy } from '@watchkeeper/domain';

/** Which policy judges a tenant's turns. Called once per tenant and batch: the answer should come from memory. */
export abstract class PolicySource {
  /** Throws while the policy cannot be told; the batch then waits. */
  abstract policyFor(tenant: string): Promise<Policy>;
}
