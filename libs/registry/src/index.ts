export { Registry } from './registry';
export type { KeyInfo, WebhookEndpoint } from './registry';
