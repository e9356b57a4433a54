import { acceptedEventSchema, parseWith, type AcceptedTurn } from '@watchkeeper/domain';

/** What a record of the events topic holds. */
export type ReadEvent =
  | { readonly kind: 'turn'; readonly turn: AcceptedTurn }
  | { readonly kind: 'feedback' }
  | { readonly kind: 'unreadable'; readonly reason: string };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The reason tells where and what is wrong, never what was said. */
export function readEvent(value: Uint8Array): ReadEvent {
  let json: unknown;
  try {
    json = JSON.parse(utf8.decode(value));
  } catch {
    return { kind: 'unreadable', reason: 'not JSON in UTF-8' };
  }
  const parsed = parseWith(acceptedEventSchema, json);
  if (parsed.ok) return parsed.value.type === 'turn' ? { kind: 'turn', turn: parsed.value } : { kind: 'feedback' };
  const [fault] = parsed.faults;
  // Only the field's name: what stands below it was named by the poster.
  const field = fault?.pointer.split('/')[1];
  return { kind: 'unreadable', reason: `not an event: ${field ? `/${field} ` : ''}is not as it should be` };
}
