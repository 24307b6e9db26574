#!/usr/bin/env bash
# Rows per second of each step, for a made-up register of 100,000 people (or PEOPLE=…). Needs about 5 GB of disk.
set -euo pipefail
cd "$(dirname "$0")/../.."
home=build/bench
people=${PEOPLE:-100000}
rm -rf "$home"
echo "making $people people"
TIMEFORMAT='demo: %R s'
time ./dsr demo --home "$home" --people "$people" >/dev/null
./dsr run --home "$home" | tee build/bench-run.txt
node tests/bench/print.mjs "$home" build/bench-run.txt
