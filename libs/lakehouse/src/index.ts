export { Lakehouse } from './lakehouse';
export type { LakeCounts, Landing, LandingRecord, Maintenance, QualityFacts, Refresh, WeekFacts } from './lakehouse';
export { ReportStore } from './reports/report-store';
export type { ReportFailure } from './reports/report-store';
