export { meanInterval, newcombeDifference, welchDifference, wilsonInterval } from './intervals';
export type { Interval, Moments, Proportion } from './intervals';
export { normalCdf, normalDensity, normalQuantile } from './normal';
export { studentTCdf, studentTQuantile } from './student-t';
