#!/usr/bin/env bash
# Resolve requirements.in into requirements.lock: every version, every hash, no index host.
set -euo pipefail
cd "$(dirname "$0")/.."

resolver=var/lock
if [ ! -x "$resolver/bin/uv" ]; then
    "${PYTHON:-python3}" -m venv "$resolver"
    "$resolver/bin/pip" install -q uv
fi

working=$(mktemp)
trap 'rm -f "$working"' EXIT
# Universal: one file for every platform and every Python from 3.11 on.
"$resolver/bin/uv" pip compile requirements.in --quiet --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
    --output-file "$working"
{
    echo "# Made by 'make lock' from requirements.in. Do not edit."
    cat "$working"
} > requirements.lock
if grep -qE '://|--index|--find-links|--trusted-host' requirements.lock; then
    echo "requirements.lock names a host; it must not" >&2
    exit 1
fi
echo "requirements.lock: $(grep -cE '^[a-z0-9]' requirements.lock) packages"
