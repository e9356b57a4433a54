import { Metrics } from './metrics';

const text = (metrics: Metrics) => metrics.registry.metrics();

describe('metrics', () => {
  it('bear the name of the house', async () => {
    const metrics = new Metrics();
    metrics.counter('judged_turns_total', 'Turns that have scores.').inc(3);
    metrics.histogram('judge_batch_seconds', 'Time to judge a batch.').observe(0.004);
    metrics.gauge('sse_clients', 'Clients.', [], (gauge) => gauge.set(2));
    const page = await text(metrics);
    expect(page).toContain('watchkeeper_judged_turns_total 3');
    expect(page).toContain('watchkeeper_judge_batch_seconds_bucket{le="0.005"} 1');
    expect(page).toContain('watchkeeper_sse_clients 2');
  });

  it('ask a gauge for its value at each scrape', async () => {
    const metrics = new Metrics();
    let lag = 1;
    metrics.gauge('consumer_lag_events', 'Lag.', ['group'], async (gauge) => gauge.set({ group: 'judge' }, lag));
    expect(await text(metrics)).toContain('watchkeeper_consumer_lag_events{group="judge"} 1');
    lag = 7;
    expect(await text(metrics)).toContain('watchkeeper_consumer_lag_events{group="judge"} 7');
  });

  it('of two processes in one do not meet', () => {
    new Metrics().counter('a_total', 'A.');
    expect(() => new Metrics().counter('a_total', 'A.')).not.toThrow();
  });

  it('tell of the process too', async () => {
    expect(await text(new Metrics())).toContain('process_resident_memory_bytes');
  });
});
