#!/usr/bin/env bash
# The emulated GPU: build.sh [--asan] FILE (or JQE_EMULATOR_ASAN=1). Objects are kept in FILE.objects by the hash of what they were made from, so a
# second build compiles what has changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C

asan=${JQE_EMULATOR_ASAN:-}
if [ "${1:-}" = --asan ]; then asan=1; shift; fi
output=${1:?build.sh [--asan] FILE}
objects=$output.objects
mkdir -p "$objects"
# One build at a time into one place: several test processes may start together.
exec 9>"$objects/lock"
if command -v flock >/dev/null; then flock 9; fi

if [ -z "${CXX:-}" ]; then
    for CXX in clang++-19 clang++ g++; do
        if command -v "$CXX" >/dev/null && echo '#include <memory>' | "$CXX" -std=c++20 -x c++ -fPIC -shared -o "$objects/probe" \
            ${asan:+-fsanitize=address -include sanitizer/asan_interface.h} - 2>/dev/null; then break; fi
        CXX=
    done
fi
[ -n "$CXX" ] || { echo "no C++20 compiler found (clang++-19, clang++, g++, or CXX=...)" >&2; exit 3; }

flags=(-std=c++20 -O2 -g1 -fPIC -fvisibility=hidden -fno-math-errno -ffp-contract=off -fno-strict-aliasing -Wall -Wextra -Wno-unknown-pragmas
    -Wno-unused-function -Wno-unused-parameter -pthread -DJQE_EMULATED -Inative -Ikernels -Inative/emulator)
# Fused multiply-adds in hardware where this machine has them: they are the same bits, quicker.
if "$CXX" -dumpmachine | grep -q x86_64 && grep -qw fma /proc/cpuinfo 2>/dev/null && grep -qw avx2 /proc/cpuinfo; then flags+=(-mfma -mavx2 -mf16c); fi
if [ -n "$asan" ]; then
    flags+=(-fsanitize=address -fno-omit-frame-pointer)
    if "$CXX" --version | grep -q clang; then flags+=(-shared-libasan); fi
fi

headers=$(cat kernels/*.cuh native/emulator/*.h | sha256sum)
compiler=$("$CXX" --version | head -n 1)
jobs=$(nproc 2>/dev/null || echo 2)
made=()

# object NAME SOURCE...: compiles the last argument, unless the same was compiled before
object() {
    local name=$1 source=$2 key
    key=$(printf '%s\n%s\n%s\n' "$headers" "$compiler" "${flags[*]}" | cat - "$source" "${@:3}" | sha256sum | cut -c 1-24)
    made+=("$objects/$name-$key.o")
    if [ ! -e "$objects/$name-$key.o" ]; then
        rm -f "$objects/$name-"*.o
        while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || exit 1; done
        { "$CXX" "${flags[@]}" -c -o "$objects/$name-$key.o.part" "$source" && mv "$objects/$name-$key.o.part" "$objects/$name-$key.o"; } &
    fi
}

for source in native/emulator/*.cpp; do object "emulator-$(basename "$source" .cpp)" "$source"; done
for kernel in kernels/*.cu native/tests/*.cu; do
    name=$(basename "$kernel" .cu)
    wrapper=$objects/$name.cpp
    {
        echo '#include "kernel.cuh"'
        echo '#include "kernel_table.h"'
        echo 'namespace {'
        echo "#include \"../$kernel\""
        # The kernels' names as the preprocessor leaves them, so that macros may make kernels.
        "$CXX" "${flags[@]}" -DJQE_LIST_KERNELS -E -P -x c++ "$kernel" | tr '\n' ' ' | grep -oE '__global__ +void +[A-Za-z0-9_]+ *\(' \
            | sed -E 's/__global__ +void +([A-Za-z0-9_]+) *\(/\1/' | while read -r entry; do
            echo "emulator::Registration<&$entry> register_$entry{\"$name\", \"$entry\"};"
        done || true
        echo '}'
    } >"$wrapper.new"
    if ! cmp -s "$wrapper.new" "$wrapper" 2>/dev/null; then mv "$wrapper.new" "$wrapper"; else rm "$wrapper.new"; fi
    object "kernel-$name" "$wrapper" "$kernel"
done
failed=
for job in $(jobs -p); do wait "$job" || failed=1; done
[ -z "$failed" ] || exit 1

if [ -e "$output" ] && [ "$(cat "$objects/linked" 2>/dev/null)" = "${made[*]}" ]; then exit 0; fi
link=(-shared -pthread -ldl)
if [ -z "$asan" ]; then link+=(-Wl,-z,defs); else link+=(-fsanitize=address); if "$CXX" --version | grep -q clang; then link+=(-shared-libasan); fi; fi
"$CXX" -o "$output.part" "${made[@]}" "${link[@]}" -Wl,-z,nodelete
mv "$output.part" "$output"
echo "${made[*]}" >"$objects/linked"
