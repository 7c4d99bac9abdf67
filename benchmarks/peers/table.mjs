// A table of the lines of JSON on standard input: for each work the median of each program's medians over all rounds with its
// range, the largest peak memory, and how many times as fast ours is.
import { readFileSync } from 'node:fs';

const lines = readFileSync(0, 'utf8').split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line));
// A map beside the peer window by window and in batches.
const maps = ['densenet-map', 'densenet-map-by-32'], peersOf = { 'densenet-map': maps, 'phase-histogram-map': maps };
const median = values => values.toSorted((a, b) => a - b)[values.length >> 1];
const of = (program, what, size) => lines.filter(line => line.program === program && line.what === what && line.size === size);
const show = value => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
const cell = found => {
  const times = found.map(line => line.medianMilliseconds);
  return times.length ? `${show(median(times))} (${show(Math.min(...times))} - ${show(Math.max(...times))})` : '-';
};
const peak = found => (found.length ? Math.max(...found.map(line => line.peakMegabytes)) : '-');
console.log('| work | ours, ms | ONNX Runtime, ms | times as fast | peak MB, ours / theirs |');
console.log('|---|---|---|---|---|');
for (const key of new Set(lines.filter(line => line.program === 'ours').map(line => `${line.what} ${line.size}`))) {
  const [what, size] = key.split(' ');
  for (const peer of peersOf[what] ?? [what]) {
    const ours = of('ours', what, size), theirs = of('onnxruntime-node', peer, size);
    const ratio = theirs.length ? (median(theirs.map(l => l.medianMilliseconds)) / median(ours.map(l => l.medianMilliseconds))).toFixed(2) : '-';
    console.log(`| ${key}${peer === what ? '' : `, theirs ${peer}`} | ${cell(ours)} | ${cell(theirs)} | ${ratio} | ${peak(ours)} / ${peak(theirs)} |`);
  }
}
