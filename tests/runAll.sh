#!/usr/bin/env bash
# Everything that `make test` checks; all failures are shown, not only the first. The last line sums up.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH" TZ=Europe/London
mkdir -p build
passed=0
failed=0

count() { if [ "$1" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }

check() {
  local name=$1 status
  shift
  "$@" >"build/$name.log" 2>&1
  status=$?
  if [ $status -eq 0 ]; then echo "ok     $name"; else echo "FAILED $name"; tail -n 60 "build/$name.log"; fi
  count $status
}

echo "checks: types, lint, format, generated files"
check types tsc --noEmit -p tsconfig.json
check lint oxlint --type-aware --deny-warnings
check format prettier --check .
check generated node dist/register/generate/main.js --check

check browser bash tests/browser/findChromium.sh
CHROMIUM=$(tail -n 1 build/browser.log)
export CHROMIUM

rm -f build/vitest.json
vitest run --reporter=default --reporter=json --outputFile.json=build/vitest.json
vitest_status=$?

read -r tests_passed tests_failed < <(node -e '
  const result = require("./build/vitest.json")
  const broken = result.testResults.filter((file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"))
  console.log(result.numPassedTests, result.numFailedTests + broken.length)
' 2>/dev/null || echo "0 1")
echo
echo "$((passed + tests_passed)) passed, $((failed + tests_failed)) failed"
[ $failed -eq 0 ] && [ $vitest_status -eq 0 ]
