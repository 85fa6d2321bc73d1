#!/bin/sh
# Measures training steps against tokens and against blocks, and draws docs/benchmarks/scaling-<date>.svg.
set -eu

cd "$(dirname "$0")/../.."
python=$(tools/record-fixtures/make-environment.sh)
drawing=$(tools/record-fixtures/make-environment.sh tools/bench/drawing-requirements.txt)
folder=output/scaling
mkdir -p "$folder"

for axis in tokens blocks; do
    "$python" tools/bench/scaling.py "$axis" --json "$folder/$axis.json"
done
"$drawing" tools/bench/draw_scaling.py "$folder/tokens.json" "$folder/blocks.json" \
    --svg "docs/benchmarks/scaling-$(date +%F).svg"
