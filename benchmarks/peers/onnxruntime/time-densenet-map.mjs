// Times ONNX Runtime on the map of a SIDE x SIDE picture at stride 8, window by window, as one would without sharing between
// windows: BATCH windows a call (named in the work where it is not 1), two threads. A share of the windows is timed, SECONDS long, and the map reckoned from it.
//   node time-densenet-map.mjs densenet40.onnx SIDE [BATCH] [SECONDS]
import ort from 'onnxruntime-node';
import { report } from './report.mjs';

const [model, sideText, batchText = '32', secondsText = '8'] = process.argv.slice(2);
const side = Number(sideText), batch = Number(batchText);
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 2, interOpNumThreads: 1, executionMode: 'sequential' });
const pixels = Float32Array.from({ length: batch * 3 * 64 * 64 }, () => Math.random());
const windows = new ort.Tensor('float32', pixels, [batch, 3, 64, 64]);
const windowsOfMap = (Math.floor((side - 64) / 8) + 1) ** 2;
const times = [];
await session.run({ windows });
await session.run({ windows });
for (const begun = process.hrtime.bigint(); Number(process.hrtime.bigint() - begun) / 1e9 < Number(secondsText);) {
  const start = process.hrtime.bigint();
  await session.run({ windows });
  times.push(Number(process.hrtime.bigint() - start) / 1e6 / batch * windowsOfMap);
}
report(batch === 1 ? 'densenet-map' : `densenet-map-by-${batch}`, `${side}`, times);
