import { hash } from 'node:crypto';

/**
 * Content ids: the same inputs give the same id, so doing anything twice changes nothing.
 * 128 bits of SHA-256 in hex; fields are joined by NUL, which no identifier may contain.
 */
function contentId(kind: string, ...fields: readonly string[]): string {
  return hash('sha256', [kind, ...fields].join('\0'), 'hex').slice(0, 32);
}

/** (tenant, source, id) is the identity of an event: its poster may send it again at any time. */
export function eventUid(tenant: string, source: string, id: string): string {
  return contentId('event', tenant, source, id);
}

export function evaluationUid(tenant: string, source: string, id: string): string {
  return contentId('evaluation', tenant, source, id);
}

/** An `unclassified` verdict has its own id, so that the verdict that follows it is not taken for a repetition. */
export function verdictId(uid: string, modelSha256: string, policyHash: string, outcome: string): string {
  return contentId('verdict', uid, modelSha256, policyHash, outcome);
}

export function alertId(uid: string, policyId: string, ruleId: string): string {
  return contentId('alert', uid, policyId, ruleId);
}

export function actionId(alert: string, kind: string, subject: string): string {
  return contentId('action', alert, kind, subject);
}

/** SHA-256 in hex of bytes or of UTF-8 text. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}
