#!/usr/bin/env bash
# Ours beside ONNX Runtime on this machine, two threads each: the same work in turns, ours, theirs, ours, theirs ..., every timing a
# process of its own; lines of JSON to standard error and to LOG, at the end a table of medians.
#   benchmarks/peers/run.sh [--rounds N] [--only quality|windows|maps]... [--log FILE]
# Sets itself up in artifacts/peers, which git does not see: onnxruntime-node from npm, its scripts not run, and the models. Weights do
# not matter for time. JQE_PEER_MODULES names a node_modules that is there already.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=3 works="" log=artifacts/peers/run.jsonl
while [ $# -gt 0 ]; do
    case $1 in
        --rounds) rounds=$2 ;;
        --only) works="$works $2" ;;
        --log) log=$2 ;;
        *) echo "unknown: $1" >&2; exit 2 ;;
    esac
    shift 2
done
works=${works:-quality windows maps}

peers=artifacts/peers
mkdir -p "$peers"
cp benchmarks/peers/onnxruntime/*.mjs benchmarks/peers/onnxruntime/package.json "$peers/"
if [ -n "${JQE_PEER_MODULES:-}" ]; then
    ln -sfn "$JQE_PEER_MODULES" "$peers/node_modules"
elif [ ! -d "$peers/node_modules" ]; then
    npm install --prefix "$peers" --ignore-scripts --no-audit --no-fund >&2
fi
[ -f "$peers/quality.onnx" ] || node "$peers/make-onnx.mjs" src/JpegQualityEstimation/Weights/quality.safetensors "$peers/quality.onnx"
[ -f "$peers/densenet40.onnx" ] || node "$peers/make-densenet-onnx.mjs" "$peers/densenet40.onnx"
bench=benchmarks/JpegQualityEstimation.Benchmarks/bin/Release/net10.0/JpegQualityEstimation.Benchmarks.dll
[ -n "${JQE_BENCH_BUILT:-}" ] || dotnet build benchmarks/JpegQualityEstimation.Benchmarks -c Release -v quiet -nologo >&2
: > "$log"

note() { tee -a "$log" >&2; }
ours() { dotnet "$bench" time "$@" | note; }
theirs() { (cd "$peers" && node "$@") | note; }

for round in $(seq "$rounds"); do
    for work in $works; do
        case $work in
            quality)
                ours quality 512 512 9
                theirs time.mjs quality.onnx 512 512 7
                ours quality 1024 1536 5
                theirs time.mjs quality.onnx 1024 1536 3
                ;;
            windows)
                ours densenet 32 15
                theirs time-densenet.mjs densenet40.onnx 32 7
                ours densenet 1 101
                theirs time-densenet.mjs densenet40.onnx 1 101
                ;;
            maps)
                ours densenet-map 1024 1
                theirs time-densenet-map.mjs densenet40.onnx 1024 1 5
                theirs time-densenet-map.mjs densenet40.onnx 1024 32 5
                ours phase-histogram-map 1024 3
                ;;
            *) echo "unknown work: $work" >&2; exit 2 ;;
        esac
    done
done
[ "$rounds" -gt 0 ] && node benchmarks/peers/table.mjs < "$log"
