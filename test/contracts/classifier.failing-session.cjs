// onnxruntime as it is, but for texts that hold a word of the three below. Stands in for a model that fails on some inputs.
const { readFileSync } = require('node:fs');
const { resolve } = require('node:path');
const { InferenceSession, Tensor } = require('onnxruntime-node');

const vocabulary = readFileSync(resolve(__dirname, '../../models/safety/stage1-0.1.0/vocab.txt'), 'utf8').split('\n');
// A word's unigram feature is its id.
const [THROWS, NOT_A_NUMBER, HANGS] = ['volcano', 'zebra', 'glacier'].map((word) => vocabulary.indexOf(word));

exports.openSession = async (model) => {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  return {
    async run({ indices, values, rows, slots }) {
      if (indices.includes(THROWS)) throw new Error('made to fail');
      // Native code that never returns looks like this from outside.
      while (indices.includes(HANGS));
      const { probabilities } = await session.run({
        indices: new Tensor('int32', indices, [rows, slots]),
        values: new Tensor('float32', values, [rows, slots]),
      });
      const scores = Float32Array.from(probabilities.data);
      const width = scores.length / rows;
      for (let row = 0; row < rows; row++) {
        if (indices.subarray(row * slots, (row + 1) * slots).includes(NOT_A_NUMBER))
          scores[row * width + 3] = Number.NaN;
      }
      return scores;
    },
  };
};
