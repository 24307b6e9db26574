#!/usr/bin/env bash
# Prints the path of a Chromium for the browser tests: one that is there, else Debian's package, else playwright's own
# build (kept inside this clone). Ends with 1 and the remedy where none can be had.
set -uo pipefail
cd "$(dirname "$0")/../.."
export PLAYWRIGHT_BROWSERS_PATH="$PWD/build/browsers"

find_one() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$name" ] && command -v "$name" && return 0
  done
  find "$PLAYWRIGHT_BROWSERS_PATH" -type f \( -name chrome -o -name headless_shell -o -name chrome-headless-shell \) 2>/dev/null | head -n 1 | grep .
}

find_one && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
  echo "installing Debian's chromium" >&2
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium fonts-liberation; } >build/chromium-install.log 2>&1
  find_one && exit 0
fi

echo "installing playwright's chromium" >&2
npx --no-install playwright-core install chromium >>build/chromium-install.log 2>&1
find_one && exit 0

echo "No Chromium could be found or installed (build/chromium-install.log says why)." >&2
echo "Install it from your system's packages (Debian: apt-get install chromium), or name it: make test CHROMIUM=/path/to/chromium" >&2
exit 1
