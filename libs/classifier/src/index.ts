export { Classifier } from './classifier';
export type { ClassifierInput, RecommendedThresholds } from './classifier';
