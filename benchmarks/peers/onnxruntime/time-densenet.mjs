// Times ONNX Runtime on DenseNet-40, two threads: median of the runs and peak memory of this process.
//   node time-densenet.mjs densenet40.onnx WINDOWS [RUNS]
import ort from 'onnxruntime-node';
import { report } from './report.mjs';

const [model, countText, runsText = '9'] = process.argv.slice(2);
const count = Number(countText);
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 2, interOpNumThreads: 1, executionMode: 'sequential' });
const pixels = Float32Array.from({ length: count * 3 * 64 * 64 }, () => Math.random());
const windows = new ort.Tensor('float32', pixels, [count, 3, 64, 64]);
const times = [];
for (let i = 0; i < Number(runsText) + 2; i++) {
  const start = process.hrtime.bigint();
  await session.run({ windows });
  if (i >= 2) times.push(Number(process.hrtime.bigint() - start) / 1e6);
}
report('densenet', `${count}`, times);
