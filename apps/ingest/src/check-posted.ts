import canonicalize from 'canonicalize';
import {
  conversationKey,
  evaluationSchema,
  evaluationUid,
  eventSchema,
  eventUid,
  modelMetadataSchema,
  parseWith,
  sha256,
  TOPICS,
  type Caller,
} from '@watchkeeper/domain';
import type { Checked } from './accept';
import type { Posted } from './read-posted';

/** Acceptance is one instant for everything in a body. */
export interface Acceptance {
  readonly caller: Caller;
  /** ISO 8601, UTC. */
  readonly acceptedAt: string;
}

export function checkEvent(posted: Posted, { caller, acceptedAt }: Acceptance): Checked {
  if ('faults' in posted) return { ok: false, faults: posted.faults };
  const parsed = parseWith(eventSchema, posted.value);
  if (!parsed.ok) return refused(posted.value, parsed.faults);
  const { source = caller.name, ...event } = parsed.value;
  const uid = eventUid(caller.tenant, source, event.id);
  const accepted = { v: 1, uid, tenant: caller.tenant, source, acceptedAt };
  const added = event.saidAt === undefined ? { ...accepted, saidAt: acceptedAt } : accepted;
  const key = conversationKey(caller.tenant, event.conversationId);
  return { ok: true, id: event.id, record: { topic: TOPICS.events, key, id: uid, ...recorded(added, event) } };
}

export function checkEvaluation(posted: Posted, { caller, acceptedAt }: Acceptance): Checked {
  if ('faults' in posted) return { ok: false, faults: posted.faults };
  const parsed = parseWith(evaluationSchema, posted.value);
  if (!parsed.ok) return refused(posted.value, parsed.faults);
  const { source = caller.name, ...evaluation } = parsed.value;
  const uid = evaluationUid(caller.tenant, source, evaluation.id);
  const accepted = { v: 1, uid, tenant: caller.tenant, source, acceptedAt };
  const added = evaluation.ratedAt === undefined ? { ...accepted, ratedAt: acceptedAt } : accepted;
  const key = conversationKey(caller.tenant, evaluation.conversationId);
  const record = { topic: TOPICS.evaluations, key, id: uid, ...recorded(added, evaluation) };
  return { ok: true, id: evaluation.id, record };
}

/** The last word on a model wins, so its identity in the log is its content. */
export function checkModel(posted: Posted, { caller, acceptedAt }: Acceptance): Checked {
  if ('faults' in posted) return { ok: false, faults: posted.faults };
  const parsed = parseWith(modelMetadataSchema, posted.value);
  if (!parsed.ok) return refused(posted.value, parsed.faults);
  const model = parsed.value;
  const stored = { v: 1, tenant: caller.tenant, acceptedAt, ...model };
  return {
    ok: true,
    id: `${model.provider}/${model.name}/${model.version}`,
    record: {
      topic: TOPICS.models,
      key: `${caller.tenant}/${model.provider}/${model.name}`,
      value: Buffer.from(JSON.stringify(stored)),
    },
  };
}

/**
 * The value as it will stand in the log, and a fingerprint that is equal for equal bodies whatever the order of their
 * keys (RFC 8785). The source is left out of it: it is part of the id, named or not. The body becomes text once: this is
 * the hottest line of the door.
 */
function recorded(added: object, body: object): { readonly value: Buffer; readonly fingerprint: string } {
  const text = JSON.stringify(body);
  // The schema fixes the order of all keys but those of the attributes.
  const canonical = 'attributes' in body ? canonicalize(body)! : text;
  const value = Buffer.from(`${JSON.stringify(added).slice(0, -1)},${text.slice(1)}`);
  return { value, fingerprint: sha256(canonical).slice(0, 32) };
}

function refused(value: unknown, faults: Extract<Checked, { ok: false }>['faults']): Checked {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  // Only what could be an id is given back: anything else may be text.
  return { ok: false, ...(typeof id === 'string' && id.length <= 256 && { id }), faults };
}
