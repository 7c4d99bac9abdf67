// Times ONNX Runtime on the CPU, two threads: median of the runs and peak memory of this process.
//   node time.mjs quality.onnx HEIGHT WIDTH [RUNS] [picture.f32 outputs.f32]
// With the two file names, reads a [3,h,w] float32 input and writes the [2,h,w] outputs (to compare them).
import { readFileSync, writeFileSync } from 'node:fs';
import ort from 'onnxruntime-node';
import { report } from './report.mjs';

const [model, heightText, widthText, runsText = '9', inputPath, outputPath] = process.argv.slice(2);
const height = Number(heightText), width = Number(widthText);
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 2, interOpNumThreads: 1, executionMode: 'sequential' });
const pixels = inputPath
  ? new Float32Array(readFileSync(inputPath).buffer.slice(0))
  : Float32Array.from({ length: 3 * height * width }, () => Math.random());
const image = new ort.Tensor('float32', pixels, [1, 3, height, width]);
const times = [];
let result;
for (let i = 0; i < Number(runsText) + 2; i++) {
  const start = process.hrtime.bigint();
  result = await session.run({ image });
  if (i >= 2) times.push(Number(process.hrtime.bigint() - start) / 1e6);
}
if (outputPath) writeFileSync(outputPath, Buffer.from(result.maps.data.buffer));
report('quality', `${height}x${width}`, times);
