#!/usr/bin/env bash
# Pseudonymising people and reviews (a million and twelve million, or PEOPLE=…, twelve each) against the bare SQL expression
# over the same rows. Needs about 5 GB of disk; best of RUNS (3).
set -euo pipefail
cd "$(dirname "$0")/../../.."
folder=build/pseudonyms
rm -rf "$folder"
mkdir -p "$folder"
node tests/bench/pseudonyms/measure.mjs "$folder" "${PEOPLE:-1000000}" "${RUNS:-3}"
rm -rf "$folder"
