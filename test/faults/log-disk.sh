#!/usr/bin/env bash
# The log on a disk that fails: what is acknowledged is there, what is refused is not, and it says which.
#   test/faults/log-disk.sh [DIST]
# Needs strace, and the right to mount a tmpfs.
set -u
# One writing thread: strace counts calls by thread.
export UV_THREADPOOL_SIZE=1
dist=${1:-dist}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'umount "$work/small" 2>/dev/null; rm -rf "$work"' EXIT
failed=0

run() {
  local name=$1
  shift
  echo "$name:" "$("$@" 2>"$work/stderr" | tail -n 1)"
  [ "${PIPESTATUS[0]}" -eq 0 ] || failed=1
}

mkdir "$work/sync" "$work/meta" "$work/root" "$work/small"
run 'some syncs fail' strace -f -qq -o "$work/trace" -e trace=fdatasync -e inject=fdatasync:error=EIO:when=50..60 \
  node "$here/log-disk.mjs" --dist "$dist" --dir "$work/sync"
run 'the root page cannot be written' strace -f -qq -o "$work/trace" -e trace=pwrite64 -e inject=pwrite64:error=EIO:when=100 \
  node "$here/log-disk.mjs" --dist "$dist" --dir "$work/root" --lists 100
run 'each sync fails from one on' strace -f -qq -o "$work/trace" -e trace=fdatasync -e inject=fdatasync:error=EIO:when=50+ \
  node "$here/log-disk.mjs" --dist "$dist" --dir "$work/meta" --lists 60

if mount -t tmpfs -o size=6m tmpfs "$work/small" 2>/dev/null; then
  head -c 3000000 /dev/zero >"$work/small/filler"
  run 'disk full, then not' node "$here/log-disk.mjs" --dist "$dist" --dir "$work/small" --filler "$work/small/filler"
else
  echo 'disk full: not run, a tmpfs cannot be mounted here'
  failed=1
fi
exit "$failed"
