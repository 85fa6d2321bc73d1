#!/usr/bin/env bash
# Prints the path of a Python interpreter that can run drive.py, shots.py and load.py, and sees to it that what they
# need is there: the distribution's Chromium and FFmpeg, and the Python packages of requirements.txt outside the clone.
set -euo pipefail

folder=$(cd "$(dirname "$0")" && pwd)
missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing+=(chromium)
command -v ffmpeg >/dev/null || missing+=(ffmpeg)
python3 -c "import ensurepip, venv" 2>/dev/null || missing+=(python3-venv)
"$folder/../install-packages.sh" ${missing[@]+"${missing[@]}"}
exec "$folder/../record-fixtures/make-environment.sh" "$folder/requirements.txt"
