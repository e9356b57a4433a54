import { BatchMetrics } from '@watchkeeper/app-batch/batch.metrics';
import { Metrics } from '@watchkeeper/platform';
import { actionMetrics, ingestMetrics, streamMetrics } from './service-metrics';

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
}

/** What is told of this process by name; what every process tells begins otherwise. */
async function ours(): Promise<readonly Described[]> {
  const metrics = new Metrics();
  ingestMetrics(metrics);
  streamMetrics(metrics);
  actionMetrics(metrics);
  new BatchMetrics(metrics).readFreshness(() => 0);
  const all = (await metrics.registry.getMetricsAsJSON()) as unknown as readonly Described[];
  return all
    .map(({ name, help, type }) => ({ name, help, type }))
    .filter(({ name }) => name.startsWith('watchkeeper_'));
}

/** How a name ends, by its type: with the unit of what it counts. */
const UNITS: Readonly<Record<string, RegExp>> = {
  counter: /_total$/,
  histogram: /_(seconds|bytes)$/,
  gauge: /_(seconds|bytes|events|records|clients|info|ratio)$/,
};

describe('the metrics of the services', () => {
  it('bear the name of the house and end in their unit', async () => {
    const metrics = await ours();
    expect(metrics.length).toBeGreaterThan(15);
    expect(metrics.filter(({ name, type }) => !UNITS[type]?.test(name))).toEqual([]);
  });

  it('say each in a sentence what they are', async () => {
    expect((await ours()).filter(({ help }) => !/^[A-Z].+\.$/.test(help))).toEqual([]);
  });

  it('count what they are told', async () => {
    const metrics = new Metrics();
    const door = ingestMetrics(metrics);
    door.received('event', 'accepted', 20);
    door.refused('quota');
    const stream = streamMetrics(metrics);
    stream.judged(3, 0.004);
    stream.alerted('violence', 'high');
    const action = actionMetrics(metrics);
    action.applied(12);
    action.streamClients(2);
    const page = await metrics.registry.metrics();
    expect(page).toContain('watchkeeper_ingest_events_total{kind="event",result="accepted"} 20');
    expect(page).toContain('watchkeeper_ingest_refused_total{reason="quota"} 1');
    expect(page).toContain('watchkeeper_judged_turns_total 3');
    expect(page).toContain('watchkeeper_alerts_total{category="violence",severity="high"} 1');
    // Latencies come in milliseconds and are told in seconds.
    expect(page).toContain('watchkeeper_alert_latency_seconds_sum 0.012');
    expect(page).toContain('watchkeeper_sse_clients 2');
  });
});
