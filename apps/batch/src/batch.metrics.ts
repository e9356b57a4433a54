import { Injectable } from '@nestjs/common';
import { Metrics } from '@watchkeeper/platform';
import type { LandedTopic } from '@watchkeeper/domain';

/** What the batch tells Prometheus. */
@Injectable()
export class BatchMetrics {
  private readonly rows;
  private readonly lost;
  private readonly landSeconds;
  private readonly refreshSeconds;
  private readonly failures;
  private readonly reports;
  private freshness: () => number = () => 0;

  constructor(metrics: Metrics) {
    this.rows = metrics.counter('lake_rows_landed_total', 'Records landed in bronze.', ['topic']);
    this.lost = metrics.counter(
      'lake_records_missed_total',
      'Records that the log dropped before they were landed; must stay 0.',
      ['topic'],
    );
    this.landSeconds = metrics.histogram('lake_commit_seconds', 'Time to land records of one topic.');
    this.refreshSeconds = metrics.histogram('lake_refresh_seconds', 'Time to bring silver and gold up to bronze.');
    this.failures = metrics.counter('batch_failures_total', 'Runs of the batch that failed, by what they were doing.', [
      'doing',
    ]);
    this.reports = metrics.counter('weekly_reports_built_total', 'Weekly reports built, by what came of it.', [
      'outcome',
    ]);
    metrics.gauge('lake_freshness_seconds', 'For how long the lake has been behind the log.', [], (gauge) =>
      gauge.set(this.freshness()),
    );
  }

  landed(topic: LandedTopic, rows: number, tookMs: number): void {
    this.rows.inc({ topic }, rows);
    this.landSeconds.observe(tookMs / 1_000);
  }

  missed(topic: LandedTopic, records: number): void {
    this.lost.inc({ topic }, records);
  }

  refreshed(tookMs: number): void {
    this.refreshSeconds.observe(tookMs / 1_000);
  }

  failed(doing: 'landing' | 'reports' | 'maintenance'): void {
    this.failures.inc({ doing });
  }

  reported(outcome: 'revised' | 'unchanged' | 'nothing'): void {
    this.reports.inc({ outcome });
  }

  /** Seconds, asked for when metrics are read. */
  readFreshness(read: () => number): void {
    this.freshness = read;
  }
}
