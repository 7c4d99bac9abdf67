// Writes DenseNet-40 (226 outputs, 64x64 RGB) as ONNX: from a safetensors weight file, or with arbitrary weights, which
// time does not depend on.
//   node make-densenet-onnx.mjs densenet40.onnx [WEIGHTS.safetensors]
// The protobuf messages are written by hand: field numbers from onnx.proto3 of the ONNX project (opset 13, IR 8).
import { readFileSync, writeFileSync } from 'node:fs';

const [outPath, weightsPath] = process.argv.slice(2);
if (!outPath) {
  console.error('usage: node make-densenet-onnx.mjs OUT.onnx [WEIGHTS.safetensors]');
  process.exit(2);
}
const file = weightsPath && readFileSync(weightsPath);
const headerLength = file && Number(file.readBigUInt64LE(0));
const header = file && JSON.parse(file.subarray(8, 8 + headerLength).toString());
const weights = (name, count, otherwise) => {
  if (!file) return Buffer.from(Float32Array.from({ length: count }, otherwise).buffer);
  const from = 8 + headerLength + header[name].data_offsets[0];
  return file.subarray(from, from + 4 * count);
};

const varint = value => {
  const bytes = [];
  for (let v = BigInt(value); ; v >>= 7n) {
    if (v < 128n) return Buffer.from([...bytes, Number(v)]);
    bytes.push(Number(v & 127n) | 128);
  }
};
const number = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field, value) => Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
const text = (field, value) => bytes(field, Buffer.from(value));
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));
const float = (field, value) => {
  const four = Buffer.alloc(4);
  four.writeFloatLE(value);
  return Buffer.concat([varint((field << 3) | 5), four]);
};

const FLOAT = 1, INT = 2, INTS = 7;
const ints = (name, values) => message(5, text(1, name), ...values.map(v => number(8, v)), number(20, INTS));
const int = (name, value) => message(5, text(1, name), number(3, value), number(20, INT));
const real = (name, value) => message(5, text(1, name), float(2, value), number(20, FLOAT));
const dimension = size => (typeof size === 'number' ? message(1, number(1, size)) : message(1, text(2, size)));
const value = (field, name, shape) =>
  message(field, text(1, name), message(2, message(1, number(1, FLOAT), message(2, ...shape.map(dimension)))));

const nodes = [], tensors = [];
let made = 0;
const node = (type, inputs, ...attributes) => {
  const output = `t${made++}`;
  nodes.push(message(1, ...inputs.map(i => text(1, i)), text(2, output), text(4, type), ...attributes));
  return output;
};
const tensor = (name, shape, otherwise, stored = name) => {
  const count = shape.reduce((a, b) => a * b, 1);
  tensors.push(message(5, ...shape.map(s => number(1, s)), number(2, FLOAT), text(8, name), bytes(9, weights(stored, count, otherwise))));
  return name;
};
const filters = (name, shape) => {
  const deviation = Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1));
  return tensor(name, shape, () => (2 * Math.random() - 1) * deviation);
};
const norm = (name, block, channels, input) =>
  node('Relu', [node('BatchNormalization', [
    input, tensor(`${name}.gamma`, [channels], () => 1), tensor(`${name}.beta`, [channels], () => 0),
    // All batch norms of a block read the first of its statistics.
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
nodes.push(message(1, text(1, current), text(1, filters('head.weight', [226, channels])), text(1, tensor('head.bias', [226], () => 0)),
  text(2, 'outputs'), text(4, 'Gemm'), int('transB', 1)));
const graph = message(7, ...nodes, text(2, 'densenet40'), ...tensors,
  value(11, 'windows', ['n', 3, 64, 64]), value(12, 'outputs', ['n', 226]));
writeFileSync(outPath, Buffer.concat([number(1, 8), graph, message(8, number(2, 13))]));
