import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { FeatureBatch, ScoringSession } from './scoring-session';

/** One session with one thread of its own: more threads are slower on so small a graph, workers scale instead. */
export async function openSession(model: Uint8Array): Promise<ScoringSession> {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  return { run: (batch) => run(session, batch) };
}

async function run(session: InferenceSession, { indices, values, rows, slots }: FeatureBatch): Promise<Float32Array> {
  const { probabilities } = await session.run({
    indices: new Tensor('int32', indices, [rows, slots]),
    values: new Tensor('float32', values, [rows, slots]),
  });
  if (probabilities?.type !== 'float32') throw new TypeError('the model has no float32 output named probabilities');
  return probabilities.data as Float32Array;
}
