import type { AppliedAlert } from '@watchkeeper/domain';
import { wireAlert } from './wire-alert';

// Server-sent events as the WHATWG standard has them: one field a line, an empty line ends an event.

export function alertEvent(alert: AppliedAlert, cursor: string): string {
  return `id: ${cursor}\nevent: alert\ndata: ${JSON.stringify(wireAlert(alert))}\n\n`;
}

export interface Gap {
  /** From when on there are alerts again. */
  readonly from: string;
  readonly reason: 'retention' | 'another log';
}

/** Alerts that the client has not seen are no longer in the log: it should look them up in `GET /v1/alerts`. */
export function gapEvent(gap: Gap, cursor: string): string {
  return `id: ${cursor}\nevent: gap\ndata: ${JSON.stringify(gap)}\n\n`;
}

/** An id without data raises no event, but is what the client will come back with. */
export function cursorOnly(cursor: string): string {
  return `id: ${cursor}\n\n`;
}

export function keepAlive(cursor: string | undefined): string {
  return cursor === undefined ? ': keep-alive\n\n' : `: keep-alive\nid: ${cursor}\n\n`;
}
