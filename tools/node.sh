#!/usr/bin/env bash
# See to it that node's SDKs of others are there, for they are held against the sandbox.
set -uo pipefail
cd "$(dirname "$0")/.."

if ! command -v npm > /dev/null; then
    echo "npm could not be found: no SDK for node is held against the sandbox"
    exit 0
fi
mkdir -p .venv/node
cp tests/conformance/node/{package.json,package-lock.json,.npmrc} .venv/node/
if (cd .venv/node && npm ci --silent --no-progress); then
    exit 0
fi
if [ "${CI:-}" = true ]; then
    echo "the SDKs for node could not be had, and in CI they must be tried" >&2
    exit 1
fi
echo "the SDKs for node could not be had: their tests are skipped"
