#!/usr/bin/env bash
# Verifies and measures on this machine's GPU: bench-gpu.sh [FOLDER] [DEVICE]
#
# FOLDER holds likeness-bench as `swift build` leaves it. The bridge to LibTorch is compiled here, with this machine's
# compiler, against the LibTorch that LIKENESS_TORCH names or that its Python has: so the program itself may come
# from a machine without a GPU. The report goes to docs/benchmarks, or to REPORT.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-.build/release}
device=${2:-cuda:0}
torch=${LIKENESS_TORCH:-$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))')}
report=${REPORT:-docs/benchmarks/gpu-$(date +%F).md}
bridge=Packages/TorchBridge/Sources/TorchBridge
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT

"${CXX:-c++}" -std=c++20 -O2 -fPIC -shared -fvisibility=hidden -I "$bridge/include" \
    -isystem "$torch/include" -isystem "$torch/include/torch/csrc/api/include" "$bridge"/*.cpp \
    -L "$torch/lib" -Wl,-rpath,"$torch/lib" -ltorch_cpu -lc10 -o "$built/libTorchBridge.so"
export LD_LIBRARY_PATH="$built:$torch/lib:${LD_LIBRARY_PATH:-}"

bench() { "$folder/likeness-bench" "$@" --device "$device"; }

# A step that does not fit says so and the next one is tried.
step() { bench step "$@" || echo "  failed: likeness-bench step $*"; }

{
    echo "# Training steps on a GPU, $(date +%F)"
    echo
    echo "\`tools/bench-gpu.sh\` at $(git rev-parse --short HEAD 2>/dev/null || echo 'an unpacked copy'):"
    echo "$(nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null || uname -m)."
    echo "LTX-2.3 as released, drawn weights, LoRA on every linear layer of the blocks, batch of 1, all blocks computed"
    echo "again in the backward pass."
    echo
    echo '```text'
    bench verify | tail -n 1
    step --shape 1280x704x49 --dtype bf16 --offload 0 0.5 1
    step --shape 1280x704x49 --qtype float8 --offload 0
    step --shape 512x320x81 --qtype float8 --offload 0 0.5 1
    step --shape 512x320x81 --qtype int8 --offload 0
    step --shape 512x320x81 --qtype nf4 --offload 0
    step --shape 512x320x81 --adapter dora --dtype bf16 --offload 0
    echo '```'
} | tee "$report"
