#!/usr/bin/env bash
# The theme coder on the labelled notes: by code, beside TF-IDF with logistic regression, then its speed. Installs its own venv.
set -euo pipefail
cd "$(dirname "$0")/../../.."
venv=build/themes-venv
if [ ! -x $venv/bin/python ]; then
  ${PYTHON:-python3} -m venv $venv
  $venv/bin/pip install --quiet --disable-pip-version-check -r tests/bench/themes/requirements.txt
fi
node tests/bench/themes/score.mjs
$venv/bin/python tests/bench/themes/compare.py
node tests/bench/themes/speed.mjs --notes "${NOTES:-100000}"
