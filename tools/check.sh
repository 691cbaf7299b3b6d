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
step floors "$bin/lint-imports" --no-cache
if [ "${1:-}" = quick ]; then
    step types "$bin/mypy"
    exit 0
fi
# Types are one processor's work while the tests' servers still start, so they go beside them.
step types "$bin/mypy" &
types=$!
# Two workers: more would only queue for the same database. A module's tests stay together, in the
# order that tests/conftest.py gives.
"$bin/pytest" -q -n "${WORKERS:-2}" --dist loadscope --no-loadscope-reorder
tests=$?
wait "$types" && exit "$tests"
exit 1
