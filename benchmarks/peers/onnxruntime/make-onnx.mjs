// Writes the quality network as ONNX from a safetensors weight file (conv1.weight [k,c,3,3], conv1.bias [k] ... conv7).
//   node make-onnx.mjs quality.safetensors quality.onnx
import { ints, node, openWeights, tensor, writeModel } from './onnx-messages.mjs';

const [weightsPath, outPath] = process.argv.slice(2);
if (!weightsPath || !outPath) {
  console.error('usage: node make-onnx.mjs WEIGHTS.safetensors OUT.onnx');
  process.exit(2);
}
const weights = openWeights(weightsPath);

const dilations = [1, 2, 3, 4, 3, 2, 1];
const nodes = [], tensors = [];
let input = 'image';
dilations.forEach((d, i) => {
  const parts = ['weight', 'bias'].map(part => `conv${i + 1}.${part}`);
  for (const name of parts) {
    const { shape, content } = weights(name);
    tensors.push(tensor(name, shape, content));
  }
  const output = i === 6 ? 'maps' : `sum${i + 1}`;
  nodes.push(node('Conv', [input, ...parts], output, ints('dilations', [d, d]), ints('kernel_shape', [3, 3]), ints('pads', [d, d, d, d]), ints('strides', [1, 1])));
  if (i < 6) {
    input = `relu${i + 1}`;
    nodes.push(node('Relu', [output], input));
  }
});
writeModel(outPath, 'quality', nodes, tensors, ['image', [1, 3, 'height', 'width']], ['maps', [1, 2, 'height', 'width']]);
