export { OnnxClassifier } from './onnx-classifier';
export type { OnnxClassifierSettings } from './onnx-classifier';
