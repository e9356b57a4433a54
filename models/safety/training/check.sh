#!/usr/bin/env bash
# check.sh DATA - the pinned packages in a virtual environment of their own, the tests, then stage 1 fitted again from DATA
# and compared with the committed model. Writes nothing but the environment.
set -euo pipefail
data=$(cd "$1" && pwd)
cd "$(dirname "$0")"
environment=${WATCHKEEPER_TRAINING_VENV:-.venv}

if ! "$environment/bin/python" -c 'import sklearn, onnxruntime, tokenizers' 2>/dev/null; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps -r requirements.txt
fi
export PYTHONDONTWRITEBYTECODE=1
"$environment/bin/python" -m unittest discover -s tests
"$environment/bin/python" -m watchkeeper_training check --data "$data"
