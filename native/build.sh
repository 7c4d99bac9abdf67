#!/usr/bin/env bash
# Builds what the CUDA backend is made of and proved with; needs clang 19 (or CLANG=...), for the emulated GPU any C++20
# compiler on Linux (CXX=...).
#   build.sh ptx [FOLDER]            kernels/*.cu -> FOLDER/*.ptx (kernels/ptx): the same bytes on every machine
#   build.sh emulator [--asan] FILE  the emulated GPU, kernels and all, as the shared library FILE
#   build.sh abi INCLUDE...          what the vendor's headers in these folders say, in the form of native/abi/abi.txt
#   build.sh ptxas [FOLDER]          every committed PTX through ptxas for sm_70, sm_80, sm_90; registers and spills
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

clang() {
    if [ -n "${CLANG:-}" ]; then printf '%s' "$CLANG"; return; fi
    command -v clang++-19 || { clang++ --version 2>/dev/null | grep -q 'version 19\.' && command -v clang++; } \
        || { echo "clang 19 not found: PTX is built with that version, since others write other instructions" >&2; exit 3; }
}

# one_ptx COMPILER KERNEL FOLDER
one_ptx() {
    local name target=sm_70
    name=$(basename "$2" .cu)
    case $name in *_sm80) target=sm_80 ;; esac
    # Comments go: they name the compiler. What is left depends on the sources alone.
    "$1" -x cuda -std=c++20 --cuda-device-only --cuda-gpu-arch=$target --cuda-feature=+ptx70 -nocudainc -nocudalib \
        -O3 -ffp-contract=off -Wall -Wextra -Werror -Ikernels -S -o - "$2" \
        | sed -e 's,//.*$,,' -e 's,[[:space:]]*$,,' | cat -s | sed -e '1{/^$/d}' >"$3/$name.ptx"
}

ptx() {
    local compiler
    compiler=$(clang)
    mkdir -p "$1"
    export -f one_ptx
    printf '%s\n' kernels/*.cu | xargs -P "$(nproc 2>/dev/null || echo 2)" -I{} bash -euo pipefail -c 'one_ptx "$@"' one_ptx "$compiler" {} "$1"
}

abi() {
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    "${CXX:-g++}" -std=c++20 "${@/#/-I}" -Inative/abi -o "$folder/abi" native/abi/abi.cpp
    "$folder/abi"
}

case ${1:-} in
    ptx) ptx "${2:-kernels/ptx}" ;;
    emulator) shift; exec native/emulator/build.sh "$@" ;;
    abi) shift; abi "$@" ;;
    ptxas) shift; exec native/ptxas.sh "$@" ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
