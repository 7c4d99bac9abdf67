#!/usr/bin/env bash
# What is to be run on a GPU host, in this order, each step with a log and a time limit; a failed step does not stop the others.
#   run.sh [--logs DIR] [--only STEP,STEP] [--minutes M] [--quick]
#     doctor     what the machine offers, and what jqe found of it
#     selftest   every op, network and training step held to the processor; again with cuDNN's convolutions
#     sanitizer  compute-sanitizer (memcheck, racecheck, synccheck, initcheck), where it is installed, over selftest --quick
#     memory     a thousand estimates: neither device nor host memory grows
#     bench      every op and everything end to end beside the roofline; quality maps again with cuDNN's convolutions
#     peer       the same networks in PyTorch, OpenCV's double JPEG on all cores
# --quick takes small sizes everywhere and runs the peer on the processor: it tries this script, on an emulated GPU too.
# --minutes limits every single command (default 10; an emulated GPU wants 30). jqe is $JQE, or stands beside this script, or in carry/.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
logs=$PWD/gpu-logs only=doctor,selftest,sanitizer,memory,bench,peer minutes=10 quick=
while [ $# -gt 0 ]; do
    case $1 in
        --logs) logs=$2; shift ;;
        --only) only=$2; shift ;;
        --minutes) minutes=$2; shift ;;
        --quick) quick=--quick ;;
        *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
    shift
done
jqe=${JQE:-}
for place in "$here/jqe" "$here/../../carry/jqe"; do [ -n "$jqe" ] || { [ -x "$place" ] && jqe=$place; }; done
[ -n "$jqe" ] || { echo "no jqe: benchmarks/gpu/publish.sh makes one" >&2; exit 2; }
peer=$here/torch_gpu.py
[ -e "$peer" ] || peer=$here/../peers/torch_gpu.py
mkdir -p "$logs"

# Where Python's packages keep cuDNN and cuBLAS, for a machine that has them nowhere else.
python=$(command -v python3 || true)
package() {
    [ -n "$python" ] && "$python" - "$@" <<'PYTHON' 2>/dev/null
import importlib.util, pathlib, sys
spec = importlib.util.find_spec("nvidia")
for root in spec.submodule_search_locations if spec else []:
    for pattern in sys.argv[1:]:
        for found in sorted(pathlib.Path(root).glob("*/lib/" + pattern)):
            print(found.parent)
            sys.exit()
PYTHON
}
cudnn=${JQE_CUDNN_PATH:-$(package libcudnn.so.9)}
cublas=${JQE_CUBLAS_PATH:-$(package libcublas.so.13 libcublas.so.12)}
if [ -n "$cudnn" ]; then export JQE_CUDNN_PATH=$cudnn; fi
if [ -n "$cublas" ]; then export JQE_CUBLAS_PATH=$cublas; fi
# The libraries load parts of themselves by name.
for folder in "$cudnn" "$cublas"; do
    [ -d "$folder" ] && export LD_LIBRARY_PATH="$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
done
if [ -z "${JQE_CUDA_DRIVER_PATH:-}" ] && ! ldconfig -p 2>/dev/null | grep -q 'libcuda\.so\.1'; then
    for place in /usr/local/nvidia/lib64 /usr/local/nvidia/lib /usr/lib/wsl/lib; do
        if [ -e "$place/libcuda.so.1" ]; then export JQE_CUDA_DRIVER_PATH=$place; break; fi
    done
fi

failed=0
summary=$logs/summary.txt
: >"$summary"
# step NAME COMMAND...: runs it into NAME.log
step() {
    local name=$1 status begun=$SECONDS
    shift
    echo "== $name: $*" | tee -a "$summary"
    timeout "$((minutes * 60))" "$@" >"$logs/$name.log" 2>&1 </dev/null
    status=$?
    [ $status -eq 0 ] || failed=1
    tail -n 2 "$logs/$name.log" | cut -c 1-200 | tee -a "$summary"
    echo "   status $status, $((SECONDS - begun)) s" | tee -a "$summary"
}
wanted() { case ",$only," in *",$1,"*) return 0 ;; *) return 1 ;; esac; }

if wanted doctor; then
    if command -v nvidia-smi >/dev/null; then step nvidia-smi nvidia-smi; fi
    step doctor "$jqe" doctor
fi
if wanted selftest; then
    step selftest "$jqe" selftest --device cuda $quick
    step selftest-cudnn env JQE_CUDA_CONVOLUTIONS=cudnn "$jqe" selftest --device cuda $quick --filter ", Float32"
fi
if wanted sanitizer; then
    sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer /opt/nvidia/*/compute-sanitizer 2>/dev/null | head -n 1)
    if [ -n "$sanitizer" ]; then
        for tool in memcheck racecheck synccheck initcheck; do
            step "sanitizer-$tool" "$sanitizer" --tool $tool --target-processes all --error-exitcode 9 "$jqe" selftest --device cuda --quick
        done
    else
        echo "== sanitizer: compute-sanitizer is not installed" | tee -a "$summary"
    fi
fi
if wanted memory; then step memory "$jqe" bench --device cuda $quick --filter "memory over"; fi
if wanted bench; then
    step bench "$jqe" bench --device cuda $quick --json
    step bench-cudnn env JQE_CUDA_CONVOLUTIONS=cudnn "$jqe" bench --device cuda $quick --json --filter "quality map"
fi
if wanted peer; then
    if [ -n "$python" ] && "$python" -c 'import torch' 2>/dev/null; then
        if [ -n "$quick" ]; then
            step peer "$python" "$peer" --device cpu --small
        else
            step peer "$python" "$peer" --modes eager,graph
            step peer-compile "$python" "$peer" --modes compile
        fi
    else
        echo "== peer: no PyTorch for ${python:-python3}" | tee -a "$summary"
    fi
fi
echo "logs in $logs"
exit $failed
