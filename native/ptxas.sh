#!/usr/bin/env bash
# Every PTX through ptxas, for each architecture it is meant for: ptxas.sh [FOLDER] (kernels/ptx).
#   One line a kernel and architecture: registers, static shared bytes, bytes spilled to and read back from local memory.
#   Fails when ptxas refuses a file or a kernel spills more than native/spills.txt allows. ptxas: JQE_PTXAS or the PATH.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C
ptxas=${JQE_PTXAS:-$(command -v ptxas || true)}
[ -n "$ptxas" ] && [ -x "$ptxas" ] || { echo "ptxas not found (PATH, or JQE_PTXAS=...)" >&2; exit 3; }
allowed=$(grep -v '^#' native/spills.txt)

# one FILE: the lines of one file, its failures marked
one() {
    local file=$1 arch said
    for arch in sm_70 sm_80 sm_90; do
        case $file in *_sm80.ptx) [ $arch != sm_70 ] || continue ;; esac
        if ! said=$("$ptxas" -v -arch=$arch -o /dev/null "$file" 2>&1); then
            printf 'REFUSED %s for %s: %s\n' "$file" $arch "$said"
            continue
        fi
        # "Compiling entry function 'NAME'", "N bytes stack frame, N bytes spill stores, N bytes spill loads", "Used N registers, N bytes smem"
        printf '%s\n' "$said" | awk -v arch=$arch -v allowed="$allowed" '
            BEGIN { n = split(allowed, l, "\n"); for (i = 1; i <= n; i++) { split(l[i], w, " "); gsub(/\*/, ".*", w[1]); gsub(/\*/, ".*", w[2]); which[i] = "^" w[1] " " w[2] "$"; bytes[i] = w[3] } }
            function most(of,  i, b) { b = 0; for (i = 1; i <= n; i++) if (of ~ which[i] && bytes[i] + 0 > b) b = bytes[i] + 0; return b }
            /Compiling entry function/ { split($0, part, "\047"); name = part[2] }
            /spill stores/ { for (i = 1; i <= NF; i++) { if ($(i + 2) == "spill" && $(i + 3) ~ /stores/) stored = $i; if ($(i + 2) == "spill" && $(i + 3) ~ /loads/) loaded = $i } }
            /Used [0-9]+ registers/ {
                shared = 0
                for (i = 1; i <= NF; i++) { if ($i == "Used") registers = $(i + 1); if ($(i + 2) ~ /^smem/) shared = $i }
                more = (stored > loaded ? stored : loaded) > most(name " " arch)
                printf "%-48s %6s %9d %7d %7d %7d%s\n", name, arch, registers, shared, stored, loaded, more ? " SPILLS" : ""
            }'
    done
}

export ptxas allowed
export -f one
lines=$(printf '%s\n' "${1:-kernels/ptx}"/*.ptx | xargs -P "$(nproc 2>/dev/null || echo 2)" -I{} bash -euo pipefail -c 'said=$(one "$1"); printf "%s\n" "$said"' one {} | sort)
printf '%-48s %6s %9s %7s %7s %7s\n' kernel arch registers shared stored loaded
printf '%s\n' "$lines"
! printf '%s' "$lines" | grep -qE '^REFUSED| SPILLS$'
