import { ActionMetrics } from '@watchkeeper/app-action/action-metrics';
import { IngestMetrics } from '@watchkeeper/app-ingest/ingest-metrics';
import { StreamMetrics } from '@watchkeeper/app-stream/stream-metrics';
import type { Metrics } from '@watchkeeper/platform';

/** What the door counts, for Prometheus. */
export function ingestMetrics(metrics: Metrics): IngestMetrics {
  const received = metrics.counter('ingest_events_total', 'What was posted, by what became of it.', ['kind', 'result']);
  const ack = metrics.histogram('ingest_ack_seconds', 'From the checked body to the durable answer.');
  const refused = metrics.counter('ingest_refused_total', 'Bodies refused before they were read further.', ['reason']);
  return {
    received: (kind, result, count) => received.inc({ kind, result }, count),
    acknowledged: (seconds) => ack.observe(seconds),
    refused: (reason) => refused.inc({ reason }),
  };
}

/** What the stream counts, for Prometheus. */
export function streamMetrics(metrics: Metrics): StreamMetrics {
  const judged = metrics.counter('judged_turns_total', 'Turns that have scores.');
  const batch = metrics.histogram('judge_batch_seconds', 'Time to judge a batch of turns.');
  const age = metrics.histogram('verdict_age_seconds', 'From the acceptance of a turn to its verdict.');
  const alerts = metrics.counter('alerts_total', 'Alerts raised.', ['category', 'severity']);
  const dead = metrics.counter('dead_letters_total', 'Records set aside.', ['cause']);
  const retried = metrics.counter('unclassified_retried_total', 'Unclassified turns judged again later.', ['outcome']);
  const putOff = metrics.counter(
    'judge_batches_put_off_total',
    'Batches that wait for the classifier or the policies.',
  );
  return {
    judged: (turns, seconds) => {
      judged.inc(turns);
      batch.observe(seconds);
    },
    verdictAge: (seconds) => age.observe(seconds),
    alerted: (category, severity) => alerts.inc({ category, severity }),
    deadLettered: (cause, records) => dead.inc({ cause }, records),
    retried: (outcome, turns) => retried.inc({ outcome }, turns),
    putOff: () => putOff.inc(),
  };
}

/** What the action service counts, for Prometheus. */
export function actionMetrics(metrics: Metrics): ActionMetrics {
  const latency = metrics.histogram(
    'alert_latency_seconds',
    'From the acceptance of an event to its actions in force.',
  );
  const undone = metrics.counter('actions_undone_total', 'Actions undone.');
  const unreadable = metrics.counter('action_unreadable_total', 'Records the action service could not read.', [
    'topic',
  ]);
  const closed = metrics.counter('sse_closed_total', 'Alert stream clients that went, by why.', ['reason']);
  const webhooks = metrics.counter('webhook_attempts_total', 'Webhook calls, by what came of them.', ['outcome']);
  let clients = 0;
  metrics.gauge('sse_clients', 'Clients on the alert stream.', [], (gauge) => gauge.set(clients));
  return {
    applied: (latencyMs) => latency.observe(latencyMs / 1_000),
    undone: () => undone.inc(),
    unreadable: (topic) => unreadable.inc({ topic }),
    streamClients: (count) => {
      clients = count;
    },
    streamClosed: (reason) => closed.inc({ reason }),
    webhook: (outcome) => webhooks.inc({ outcome }),
  };
}
