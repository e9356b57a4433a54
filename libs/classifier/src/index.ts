export { Classifier } from './classifier';
export type { ClassifierInput } from './classifier';
