#!/usr/bin/env bash
# Ingest against DuckDB's bare read of the same files, for 10 thousand to a million people (or SIZES=…), and a rerun with
# one file in fifty changed. A million needs about 12 GB of disk.
set -euo pipefail
cd "$(dirname "$0")/../../.."
here=tests/bench/scale
python=.venv/bin/python
printf '%-10s %12s %12s %8s %10s\n' people 'bare read s' 'ingest s' ratio 'peak MB'
for people in ${SIZES:-10000 100000 1000000}; do
  folder=build/scale/$people
  $python $here/makeScale.py "$folder" "$people"
  bare=$($python $here/bare.py "$folder")
  result=$(node $here/ingest.mjs "$folder" 1)
  node -e 'const [people, bare, result] = process.argv.slice(1); const { seconds, megabytes } = JSON.parse(result)
    console.log(people.padEnd(10), bare.padStart(12), String(seconds).padStart(12), (seconds / bare).toFixed(1).padStart(8), String(megabytes).padStart(10))' "$people" "$bare" "$result"
  rm -rf "$folder"
done
people=${RERUN_PEOPLE:-100000}
folder=build/scale/rerun
$python $here/makeScale.py "$folder" "$people" 25
node $here/ingest.mjs "$folder" 25 rerun | node -e 'const { seconds, again } = JSON.parse(require("fs").readFileSync(0, "utf8"))
  console.log(`fifty files: ${seconds} s; again with one changed: ${again} s, ${(again / seconds).toFixed(2)} of it`)'
rm -rf "$folder"
