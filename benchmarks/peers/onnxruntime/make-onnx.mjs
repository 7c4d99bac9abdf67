// Writes the quality network as ONNX from a safetensors weight file (conv1.weight [k,c,3,3], conv1.bias [k] ... conv7).
//   node make-onnx.mjs quality.safetensors quality.onnx
// The protobuf messages are written by hand: field numbers from onnx.proto3 of the ONNX project (opset 13, IR 8).
import { readFileSync, writeFileSync } from 'node:fs';

const [weightsPath, outPath] = process.argv.slice(2);
if (!weightsPath || !outPath) {
  console.error('usage: node make-onnx.mjs WEIGHTS.safetensors OUT.onnx');
  process.exit(2);
}
const file = readFileSync(weightsPath);
const headerLength = Number(file.readBigUInt64LE(0));
const header = JSON.parse(file.subarray(8, 8 + headerLength).toString());
const tensorBytes = name => {
  const [from, to] = header[name].data_offsets;
  return file.subarray(8 + headerLength + from, 8 + headerLength + to);
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

const FLOAT = 1, INTS = 7;
const ints = (name, values) => message(5, text(1, name), ...values.map(v => number(8, v)), number(20, INTS));
const dimension = size => (typeof size === 'number' ? message(1, number(1, size)) : message(1, text(2, size)));
const value = (field, name, shape) =>
  message(field, text(1, name), message(2, message(1, number(1, FLOAT), message(2, ...shape.map(dimension)))));

const dilations = [1, 2, 3, 4, 3, 2, 1];
const nodes = [], tensors = [];
let input = 'image';
dilations.forEach((d, i) => {
  for (const part of ['weight', 'bias']) {
    const name = `conv${i + 1}.${part}`;
    tensors.push(message(5, ...header[name].shape.map(s => number(1, s)), number(2, FLOAT), text(8, name), bytes(9, tensorBytes(name))));
  }
  const output = i === 6 ? 'maps' : `sum${i + 1}`;
  nodes.push(message(1, text(1, input), text(1, `conv${i + 1}.weight`), text(1, `conv${i + 1}.bias`), text(2, output), text(4, 'Conv'),
    ints('dilations', [d, d]), ints('kernel_shape', [3, 3]), ints('pads', [d, d, d, d]), ints('strides', [1, 1])));
  if (i < 6) {
    nodes.push(message(1, text(1, output), text(2, `relu${i + 1}`), text(4, 'Relu')));
    input = `relu${i + 1}`;
  }
});
const graph = message(7, ...nodes, text(2, 'quality'), ...tensors,
  value(11, 'image', [1, 3, 'height', 'width']), value(12, 'maps', [1, 2, 'height', 'width']));
writeFileSync(outPath, Buffer.concat([number(1, 8), graph, message(8, number(2, 13))]));
