#!/usr/bin/env bash
# Our linkage beside Splink's, on Febrl 3 and 4: precision, recall and F1, then seconds (SIZES of time.py). Installs its own venv.
set -euo pipefail
cd "$(dirname "$0")/../../.."
venv=build/linkage-venv
if [ ! -x $venv/bin/python ]; then
  ${PYTHON:-python3} -m venv $venv
  $venv/bin/pip install --quiet --disable-pip-version-check -r tests/bench/linkage/requirements.txt
fi
$venv/bin/python tests/bench/linkage/compare.py dist
$venv/bin/python tests/bench/linkage/time.py dist
