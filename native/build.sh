#!/usr/bin/env bash
# Builds what the CUDA backend is made of and proved with; needs clang 19 (or CLANG=...), for the emulated GPU any C++20
# compiler on Linux (CXX=...).
#   build.sh ptx [FOLDER]            kernels/*.cu -> FOLDER/*.ptx (kernels/ptx): the same bytes on every machine
#   build.sh emulator [--asan] FILE  the emulated GPU, kernels and all, as the shared library FILE
#   build.sh ptxas [FOLDER]          every committed PTX through ptxas for sm_70, sm_80, sm_90; registers and spills
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

clang() {
    if [ -n "${CLANG:-}" ]; then printf '%s' "$CLANG"; return; fi
    command -v clang++-19 || { clang++ --version 2>/dev/null | grep -q 'version 19\.' && command -v clang++; } \
        || { echo "clang 19 not found: PTX is built with that version, since others write other instructions" >&2; exit 3; }
}

ptx() {
    local to=$1 compiler kernel name target
    compiler=$(clang)
    mkdir -p "$to"
    for kernel in kernels/*.cu; do
        name=$(basename "$kernel" .cu) target=sm_70
        case $name in *_sm80) target=sm_80 ;; esac
        # Comments go: they name the compiler. What is left depends on the sources alone.
        "$compiler" -x cuda -std=c++20 --cuda-device-only --cuda-gpu-arch=$target --cuda-feature=+ptx70 -nocudainc -nocudalib \
            -O3 -ffp-contract=off -Wall -Wextra -Werror -Ikernels -S -o - "$kernel" \
            | sed -e 's,//.*$,,' -e 's,[[:space:]]*$,,' | cat -s | sed -e '1{/^$/d}' >"$to/$name.ptx"
    done
}

case ${1:-} in
    ptx) ptx "${2:-kernels/ptx}" ;;
    emulator) shift; exec native/emulator/build.sh "$@" ;;
    ptxas) shift; exec native/ptxas.sh "$@" ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
