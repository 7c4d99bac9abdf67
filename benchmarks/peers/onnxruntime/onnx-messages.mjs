// What the ONNX writers here share: protobuf messages by hand, field numbers from onnx.proto3 of the ONNX project (opset
// 13, IR 8), and tensors of a safetensors file.
import { readFileSync, writeFileSync } from 'node:fs';

const varint = value => {
  const bytes = [];
  for (let v = BigInt(value); ; v >>= 7n) {
    if (v < 128n) return Buffer.from([...bytes, Number(v)]);
    bytes.push(Number(v & 127n) | 128);
  }
};
const number = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field, value) => Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
const float = (field, value) => {
  const four = Buffer.alloc(4);
  four.writeFloatLE(value);
  return Buffer.concat([varint((field << 3) | 5), four]);
};
const text = (field, value) => bytes(field, Buffer.from(value));
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

const FLOAT = 1, INT = 2, INTS = 7;
export const ints = (name, values) => message(5, text(1, name), ...values.map(v => number(8, v)), number(20, INTS));
export const int = (name, value) => message(5, text(1, name), number(3, value), number(20, INT));
export const real = (name, value) => message(5, text(1, name), float(2, value), number(20, FLOAT));
export const tensor = (name, shape, content) =>
  message(5, ...shape.map(s => number(1, s)), number(2, FLOAT), text(8, name), bytes(9, content));
export const node = (type, inputs, output, ...attributes) =>
  message(1, ...inputs.map(i => text(1, i)), text(2, output), text(4, type), ...attributes);

const dimension = size => (typeof size === 'number' ? message(1, number(1, size)) : message(1, text(2, size)));
const value = (field, [name, shape]) =>
  message(field, text(1, name), message(2, message(1, number(1, FLOAT), message(2, ...shape.map(dimension)))));

// input, output: [name, shape], a free dimension by its name.
export const writeModel = (path, name, nodes, tensors, input, output) => {
  const graph = message(7, ...nodes, text(2, name), ...tensors, value(11, input), value(12, output));
  writeFileSync(path, Buffer.concat([number(1, 8), graph, message(8, number(2, 13))]));
};

// { shape, content } of a tensor by its name.
export const openWeights = path => {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, start).toString());
  return name => {
    const { shape, data_offsets: [from, to] } = header[name];
    return { shape, content: file.subarray(start + from, start + to) };
  };
};
