export { Lakehouse } from './lakehouse';
export type { LakeCounts, Landing, LandingRecord, Maintenance, QualityFacts, Refresh, WeekFacts } from './lakehouse';
