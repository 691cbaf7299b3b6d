#!/usr/bin/env bash
# See to it that browser tests have Chromium and a Chinese font; say so plainly where they do not.
set -uo pipefail

has_browser() { command -v chromium > /dev/null || command -v chromium-browser > /dev/null; }
has_font() { command -v fc-list > /dev/null && [ -n "$(fc-list :lang=zh 2> /dev/null)" ]; }

has_browser && has_font && exit 0
wanted=()
has_browser || wanted+=(chromium)
has_font || wanted+=(fontconfig fonts-noto-cjk)
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    echo "installing Debian's ${wanted[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q > /dev/null 2>&1
    apt-get install -q -y --no-install-recommends "${wanted[@]}" > /dev/null 2>&1
fi
has_browser && exit 0
if [ "${CI:-}" = true ]; then
    echo "Chromium could not be had, and in CI the browser tests must run" >&2
    exit 1
fi
echo "Chromium could not be had: the browser tests are skipped (Debian: apt-get install chromium)"
