#!/usr/bin/env bash
# Everything that must hold before a change lands, in a few lines; stops at the first that fails.
# With an argument "quick", all but the tests.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin

step() {
    local name=$1 from=$SECONDS output
    shift
    if output=$("$@" 2>&1); then
        printf '%-8s ok  %3d s\n' "$name" $((SECONDS - from))
    else
        printf '%-8s failed\n%s\n' "$name" "$output"
        exit 1
    fi
}

step format "$bin/ruff" format --check .
step lint "$bin/ruff" check .
step types "$bin/mypy"
step floors "$bin/lint-imports" --no-cache
[ "${1:-}" = quick ] && exit 0
# Two workers: more would only queue for the same database. A module's tests stay together, in the
# order that tests/conftest.py gives.
exec "$bin/pytest" -q -n "${WORKERS:-2}" --dist loadscope --no-loadscope-reorder
