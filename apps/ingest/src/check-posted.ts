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
  const event = parsed.value;
  const source = event.source ?? caller.name;
  const uid = eventUid(caller.tenant, source, event.id);
  const stored = { v: 1, uid, tenant: caller.tenant, acceptedAt, saidAt: acceptedAt, ...event, source };
  return {
    ok: true,
    id: event.id,
    record: {
      topic: TOPICS.events,
      key: conversationKey(caller.tenant, event.conversationId),
      id: uid,
      fingerprint: fingerprintOf(event),
      value: Buffer.from(JSON.stringify(stored)),
    },
  };
}

export function checkEvaluation(posted: Posted, { caller, acceptedAt }: Acceptance): Checked {
  if ('faults' in posted) return { ok: false, faults: posted.faults };
  const parsed = parseWith(evaluationSchema, posted.value);
  if (!parsed.ok) return refused(posted.value, parsed.faults);
  const evaluation = parsed.value;
  const source = evaluation.source ?? caller.name;
  const uid = evaluationUid(caller.tenant, source, evaluation.id);
  const stored = { v: 1, uid, tenant: caller.tenant, acceptedAt, ratedAt: acceptedAt, ...evaluation, source };
  return {
    ok: true,
    id: evaluation.id,
    record: {
      topic: TOPICS.evaluations,
      key: conversationKey(caller.tenant, evaluation.conversationId),
      id: uid,
      fingerprint: fingerprintOf(evaluation),
      value: Buffer.from(JSON.stringify(stored)),
    },
  };
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

/** Equal for equal bodies, whatever the order of their keys (RFC 8785). */
function fingerprintOf(posted: object): string {
  // The source is part of the id: named or left to the key's name, it is the same event.
  const body = { ...posted, source: undefined };
  // The schema fixes the order of all keys but those of the attributes.
  const text = 'attributes' in body ? canonicalize(body)! : JSON.stringify(body);
  return sha256(text).slice(0, 32);
}

function refused(value: unknown, faults: Extract<Checked, { ok: false }>['faults']): Checked {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  // Only what could be an id is given back: anything else may be text.
  return { ok: false, ...(typeof id === 'string' && id.length <= 256 && { id }), faults };
}
