import type { Fault } from '@watchkeeper/domain';
import { parseJson, problems, textOf, type BodyLimits } from '@watchkeeper/platform';

/** One thing posted: a value that is still to be checked, or why it could not even be read. */
export type Posted = { readonly value: unknown } | { readonly faults: readonly Fault[] };

export interface PostedRequest {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const NDJSON = new Set(['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines']);
const CLOUD_EVENT = 'application/cloudevents+json';
const CLOUD_EVENT_BATCH = 'application/cloudevents-batch+json';

/**
 * Everything that a body holds, in its order: one object, an array, NDJSON, or CloudEvents 1.0
 * (structured, batched, or binary by `ce-` headers). Throws a Problem when the body as a whole is unreadable.
 */
export async function readPosted(
  request: PostedRequest,
  limits: BodyLimits & { readonly itemsMax: number },
): Promise<Posted[]> {
  const type = mediaTypeOf(request.headers['content-type']);
  const text = await textOf(request.body, single(request.headers['content-encoding'])?.trim().toLowerCase(), limits);
  const posted = readItems(type, text, request.headers, limits);
  if (posted.length === 0) throw problems.invalid('the body holds nothing');
  if (posted.length > limits.itemsMax) throw problems.tooLarge(`a body may hold at most ${limits.itemsMax} items`);
  return posted;
}

function readItems(
  type: string,
  text: string,
  headers: PostedRequest['headers'],
  limits: BodyLimits & { readonly itemsMax: number },
): Posted[] {
  if (NDJSON.has(type)) return readLines(text, limits);
  if (type === CLOUD_EVENT) return [fromCloudEvent(parseJson(text, limits))];
  if (type === CLOUD_EVENT_BATCH) return listOf(parseJson(text, limits)).map(fromCloudEvent);
  if (type === 'application/json') {
    const value = parseJson(text, limits);
    if (single(headers['ce-specversion']) !== undefined) return [fromCloudEvent(binaryEnvelope(headers, value))];
    return listOf(value).map((item) => ({ value: item }));
  }
  throw problems.unsupported(
    'send application/json, application/x-ndjson, application/cloudevents+json or application/cloudevents-batch+json',
  );
}

function readLines(text: string, limits: BodyLimits & { readonly itemsMax: number }): Posted[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > limits.itemsMax) throw problems.tooLarge(`a body may hold at most ${limits.itemsMax} items`);
  return lines.map((line) => {
    try {
      return { value: parseJson(line, limits, 'the line') };
    } catch (error) {
      // One bad line does not spoil its neighbours.
      return { faults: [{ pointer: '', detail: error instanceof Error ? error.message : 'not readable' }] };
    }
  });
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** (source, id) of the envelope is the identity, its time is when it was said unless the data knows better. */
function fromCloudEvent(envelope: unknown): Posted {
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope)) {
    return { faults: [{ pointer: '', detail: 'must be a CloudEvent object' }] };
  }
  const { specversion, id, source, type, time, data, data_base64: base64 } = envelope as Record<string, unknown>;
  if (specversion !== '1.0') return { faults: [{ pointer: '/specversion', detail: 'must be "1.0"' }] };
  if (base64 !== undefined) return { faults: [{ pointer: '/data_base64', detail: 'must be sent as JSON in data' }] };
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return { faults: [{ pointer: '/data', detail: 'must be an object: the event' }] };
  }
  const kind = typeof type === 'string' ? type.split('.').at(-1) : undefined;
  const given = data as Record<string, unknown>;
  return { value: { type: kind, ...(time !== undefined && { saidAt: time }), ...given, id, source } };
}

function binaryEnvelope(headers: PostedRequest['headers'], data: unknown): Record<string, unknown> {
  const attribute = (name: string) => {
    const value = single(headers[`ce-${name}`]);
    return value === undefined ? undefined : decodeHeader(value);
  };
  return {
    specversion: attribute('specversion'),
    id: attribute('id'),
    source: attribute('source'),
    type: attribute('type'),
    time: attribute('time'),
    data,
  };
}

/** CloudEvents HTTP binding §3.1.3.2: header values are percent-encoded. */
function decodeHeader(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function mediaTypeOf(contentType: string | string[] | undefined): string {
  return (single(contentType) ?? '').split(';')[0]!.trim().toLowerCase();
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
