#!/usr/bin/env bash
# Installs the distribution packages that are named, through apt-get when run as root on Debian or Ubuntu; otherwise says
# the line to type and fails. Names none: does nothing.
set -euo pipefail
[ $# -gt 0 ] || exit 0
say() { printf 'setup: %s\n' "$*" >&2; }
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "missing packages; install them with: sudo apt-get install -y $*"
    exit 1
fi
say "installing $*"
log=$(mktemp)
{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1 \
    || { tail -n 20 "$log" >&2; say "apt-get failed; all it said: $log"; exit 1; }
rm -f "$log"
