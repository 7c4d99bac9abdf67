// Writes DenseNet-40 (226 outputs, 64x64 RGB) as ONNX: from a safetensors weight file, or with arbitrary weights, which
// time does not depend on.
//   node make-densenet-onnx.mjs densenet40.onnx [WEIGHTS.safetensors]
import * as onnx from './onnx-messages.mjs';

const { int, ints, real } = onnx;
const [outPath, weightsPath] = process.argv.slice(2);
if (!outPath) {
  console.error('usage: node make-densenet-onnx.mjs OUT.onnx [WEIGHTS.safetensors]');
  process.exit(2);
}
const weights = weightsPath && onnx.openWeights(weightsPath);

const nodes = [], tensors = [];
let made = 0;
const node = (type, inputs, ...attributes) => {
  const output = `t${made++}`;
  nodes.push(onnx.node(type, inputs, output, ...attributes));
  return output;
};
const tensor = (name, shape, otherwise, stored = name) => {
  const count = shape.reduce((a, b) => a * b, 1);
  const content = weights ? weights(stored).content : Buffer.from(Float32Array.from({ length: count }, otherwise).buffer);
  // All batch norms of a block read the first of its statistics.
  if (content.length < 4 * count || (content.length > 4 * count && stored === name)) throw new Error(`${stored}: not [${shape}]`);
  tensors.push(onnx.tensor(name, shape, content.subarray(0, 4 * count)));
  return name;
};
const filters = (name, shape) => {
  const deviation = Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1));
  return tensor(name, shape, () => (2 * Math.random() - 1) * deviation);
};
const norm = (name, block, channels, input) =>
  node('Relu', [node('BatchNormalization', [
    input, tensor(`${name}.gamma`, [channels], () => 1), tensor(`${name}.beta`, [channels], () => 0),
    tensor(`${name}.mean`, [channels], () => 0, `block${block}.mean`), tensor(`${name}.variance`, [channels], () => 1, `block${block}.variance`),
  ], real('epsilon', 1e-5))]);
const convolution = (name, shape, input) =>
  node('Conv', [input, filters(name, shape)], ints('kernel_shape', shape.slice(2)), ints('pads', Array(4).fill(shape[2] >> 1)), ints('strides', [1, 1]));

let channels = 24;
let current = convolution('first.weight', [24, 3, 3, 3], 'windows');
for (let block = 1; block <= 3; block++) {
  for (let layer = 1; layer <= 12; layer++, channels += 12) {
    const name = `block${block}.layer${layer}`;
    current = node('Concat', [current, convolution(`${name}.weight`, [12, channels, 3, 3], norm(name, block, channels, current))], int('axis', 1));
  }
  if (block < 3) {
    const name = `block${block}.transition`;
    const sums = convolution(`${name}.weight`, [channels, channels, 1, 1], norm(name, block, channels, current));
    current = node('AveragePool', [sums], ints('kernel_shape', [2, 2]), ints('strides', [2, 2]));
  }
}
current = node('Flatten', [node('GlobalAveragePool', [norm('head', 3, channels, current)])]);
nodes.push(onnx.node('Gemm', [current, filters('head.weight', [226, channels]), tensor('head.bias', [226], () => 0)], 'outputs', int('transB', 1)));
onnx.writeModel(outPath, 'densenet40', nodes, tensors, ['windows', ['n', 3, 64, 64]], ['outputs', ['n', 226]]);
