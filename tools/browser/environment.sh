#!/bin/sh
# Prints the path of a Python interpreter that can run drive.py, shots.py and load.py, and sees to it that what they
# need is there: the distribution's Chromium and FFmpeg.
set -eu

folder=$(cd "$(dirname "$0")" && pwd)
for program in chromium ffmpeg; do
    if ! command -v "$program" >/dev/null; then
        echo "browser: $program is not installed; install it with: sudo apt-get install -y $program" >&2
        exit 1
    fi
done
exec "$folder/../record-fixtures/make-environment.sh" "$folder/requirements.txt"
