#!/usr/bin/env bash
# What the formatter does not see: build products, machine paths and oversized files in the repository.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0

complain() {
    echo "lint: $1" >&2
    status=1
}

tracked=$(git ls-files)
if grep -E '(^|/)(\.build|\.deps|Package\.resolved)' <<<"$tracked"; then
    complain "build products are tracked; git rm --cached them"
fi
if git grep -nIE '(/home/[a-z]+/|/root/|/Users/[a-z]+/)' -- ':!tools/lint.sh' ':!*.md'; then
    complain "a path of one machine is in a file; use a relative one"
fi
large=$({ git ls-files -z | xargs -0 du -b 2>/dev/null || true; } | awk '$1 > 4000000')
if [ -n "$large" ]; then
    echo "$large"
    complain "files above 4 MB are tracked"
fi
exit $status
