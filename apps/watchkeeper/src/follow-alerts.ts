import { EventSource } from 'eventsource';
import type { AppliedAlert } from '@watchkeeper/domain';

export interface AlertListener {
  readonly alert: (alert: AppliedAlert) => void;
  readonly gap?: () => void;
  readonly opened?: () => void;
}

/** Listens to the alert stream; reconnects and resumes by itself. Returns what ends it. */
export function followAlerts(
  from: { readonly url: string; readonly key: string; readonly query?: URLSearchParams },
  listener: AlertListener,
): () => void {
  const query = from.query?.toString();
  const source = new EventSource(`${from.url}/v1/alerts/stream${query ? `?${query}` : ''}`, {
    fetch: (input, init) =>
      fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${from.key}` } }),
  });
  source.addEventListener('open', () => listener.opened?.());
  source.addEventListener('alert', (event) => listener.alert(JSON.parse(String(event.data)) as AppliedAlert));
  source.addEventListener('gap', () => listener.gap?.());
  return () => source.close();
}

/** One alert as a line for people: what, whom, what was done, and how fast. */
export function alertLine(alert: AppliedAlert): string {
  const tookMs = Date.parse(alert.appliedAt) - Date.parse(alert.acceptedAt);
  const actions = alert.actions.map((action) => `${action.kind} ${action.subject}`).join(', ') || 'no action';
  return `${alert.appliedAt}  ${alert.severity.padEnd(8)}  ${alert.category.padEnd(10)}  ${alert.score.toFixed(2)} ≥ ${alert.threshold.toFixed(2)}  ${actions}  (${tookMs} ms, event ${alert.eventId})`;
}
