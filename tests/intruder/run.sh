#!/usr/bin/env bash
# Makes a deployment of made-up people (1,200, or PEOPLE=…), runs it and plays the motivated intruder against it.
set -euo pipefail
cd "$(dirname "$0")/../.."
home=build/intruder
rm -rf "$home"
./dsr demo --home "$home" --people "${PEOPLE:-1200}" >/dev/null
./dsr run --home "$home" >/dev/null
node tests/intruder/run.mjs "$home"
rm -rf "$home"
