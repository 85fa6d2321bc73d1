#!/bin/sh
# Prints the path of a Python interpreter that can run record.py and check_adapter.py, or of one that has the packages
# of the file that is named.
#
# The environment lies outside the clone, so that clones share it and nothing of it is committed.
# A change of the requirements gives a new environment; the old one stays until it is deleted.
set -eu

folder=$(cd "$(dirname "$0")" && pwd)
printed=false
if [ "${1:-}" = "--path" ]; then
    printed=true
    shift
fi
requirements="${1:-$folder/requirements.txt}"
hash=$(sha256sum "$requirements" | cut -c 1-12)
environment="${XDG_CACHE_HOME:-$HOME/.cache}/likeness/python-$hash"

if $printed; then
    echo "$environment/bin/python"
    exit 0
fi

if [ ! -e "$environment/complete" ]; then
    rm -rf "$environment"
    python3 -m venv "$environment" >&2
    "$environment/bin/pip" install --quiet --requirement "$requirements" >&2
    touch "$environment/complete"
fi
echo "$environment/bin/python"
