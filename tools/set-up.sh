#!/usr/bin/env bash
# Make .venv with every package of requirements.lock, checked by hash, and our own code in it.
set -euo pipefail
cd "$(dirname "$0")/.."

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
find_python() {
    local name
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if command -v "$name" > /dev/null && "$name" -c "$new_enough" 2> /dev/null; then
            echo "$name"
            return
        fi
    done
    echo "Python 3.11 or newer is needed and was not found; set PYTHON=/path/to/python3" >&2
    exit 1
}

make_venv() {
    local python
    python=$(find_python)
    # Debian keeps venv's own pip in a package apart.
    if ! "$python" -c 'import ensurepip' 2> /dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
            echo "installing Debian's python3-venv"
            apt-get update -q > /dev/null && apt-get install -q -y python3-venv > /dev/null
        else
            echo "this Python has no venv; install it (Debian: apt-get install python3-venv)" >&2
            exit 1
        fi
    fi
    "$python" -m venv --clear .venv
}

if ! .venv/bin/python -c "$new_enough" 2> /dev/null; then
    make_venv
fi
echo "installing the packages of requirements.lock"
# Python compiles a module when it is first used; of most packages few ever are.
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-compile \
    --require-hashes --only-binary :all: --requirement requirements.lock

# Our own code is found where it lies: nothing is built, so nothing more is downloaded.
packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$PWD/src" > "$packages/headwater.pth"
cat > .venv/bin/headwater << 'END'
#!/bin/sh
exec "$(dirname "$0")/python" -c 'from headwater.cli import main; main()' "$@"
END
chmod +x .venv/bin/headwater
