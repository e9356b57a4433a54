#!/usr/bin/env bash
# Reads a lake with PyIceberg and DuckDB's iceberg extension, and fails when they disagree.
#   test/readers/run.sh [LAKE_DIR]      without a folder: a lake is made first, of everything the commit layer does
# Needs Python 3.10 or newer and, at the first run, a package index. The environment is kept in .cache/readers.
set -euo pipefail
cd "$(dirname "$0")/../.."
cache=.cache/readers
venv=$cache/venv
wanted=$(sha256sum <test/readers/requirements.txt)
if [[ "$(cat "$venv/requirements.sha256" 2>/dev/null)" != "$wanted" ]]; then
  rm -rf "$venv"
  mkdir -p "$cache"
  python3 -m venv "$venv"
  timeout 600 "$venv/bin/python" -m pip install -q --disable-pip-version-check -r test/readers/requirements.txt
  printf '%s\n' "$wanted" >"$venv/requirements.sha256"
fi
lake=${1:-}
if [[ -z "$lake" ]]; then
  work=$(mktemp -d "$cache/lake-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  node node_modules/@swc/cli/bin/swc.js libs/lakehouse libs/domain -d "$work/dist" --config-file .swcrc --ignore '**/*.spec.ts' >/dev/null
  lake=$work/lake
  node test/readers/make-lake.mjs "$lake" "$work/dist"
fi
timeout 600 "$venv/bin/python" test/readers/read_tables.py "$lake"
