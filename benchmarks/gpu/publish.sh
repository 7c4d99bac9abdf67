#!/usr/bin/env bash
# All that a GPU host needs, in one folder: jqe as one file that carries its own runtime (no .NET there, nothing to install), this
# folder's run.sh, and the PyTorch peer.
#   benchmarks/gpu/publish.sh [FOLDER] [RUNTIME]      default: carry linux-x64
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-carry} runtime=${2:-linux-x64}
mkdir -p "$folder"
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
dotnet publish src/JpegQualityEstimation.Tool -c Release -r "$runtime" --self-contained -o "$made" -v quiet -nologo \
    -p:PublishSingleFile=true -p:PublishTrimmed=true -p:TrimMode=full -p:EnableCompressionInSingleFile=true \
    -p:DebugType=none -p:GenerateDocumentationFile=false
cp "$made"/jqe* "$folder/"
cp benchmarks/gpu/run.sh benchmarks/peers/torch_gpu.py "$folder/"
find "$folder" -maxdepth 1 -type f -printf '%s %f\n' | sort
