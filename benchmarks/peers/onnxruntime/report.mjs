// The line that every timing here ends with: median of the runs and peak memory of this process, in 1e6 bytes.
import { readFileSync } from 'node:fs';

export const report = (what, size, times) => {
  const sorted = times.toSorted((a, b) => a - b);
  const kilobytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
  const medianMilliseconds = Math.round(sorted[sorted.length >> 1] * 100) / 100;
  console.log(JSON.stringify({ program: 'onnxruntime-node', what, size, threads: 2, medianMilliseconds, peakMegabytes: Math.round(kilobytes * 1024 / 1e6) }));
};
