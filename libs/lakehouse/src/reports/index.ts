export { FileReportStore } from './file-report-store';
export { ReportStore } from './report-store';
export type { ReportFailure } from './report-store';
