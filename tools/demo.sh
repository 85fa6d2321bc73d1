#!/usr/bin/env bash
# `make demo`: from a tiny checkpoint and a dozen clips to a trained LoRA.
set -euo pipefail
cd "$(dirname "$0")/.."
likeness="$1"

if [ ! -f output/tiny/ltx-2.3-tiny-dev.safetensors ]; then
    "$likeness" tiny output/tiny --arch ltx2.3
    echo
fi
rm -rf output/demo
"$likeness" train Examples/demo.yaml
cat <<EOF

What to do next:
  look at the checkpoint      $likeness model inspect output/tiny/ltx-2.3-tiny-dev.safetensors
  prove the mathematics       $likeness verify
  what this machine lacks     $likeness doctor
  train your own character    copy Examples/character.yaml, change its paths, then
                              $likeness train yours.yaml --dry-run
EOF
