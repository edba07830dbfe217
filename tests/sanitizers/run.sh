#!/usr/bin/env bash
# Runs a binary of the asan, tsan or fuzz build. Exit code 77: that build was not made.
# Usage: run.sh asan|tsan BINARY ARGUMENTS...   |   run.sh fuzz BINARY SECONDS CORPUS
set -euo pipefail
kind=$1 binary=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -x "$binary" ]; then
  echo "not built: $binary (scripts/test builds it)"
  [ -z "${CARILLON_REQUIRE_ALL:-}" ] && exit 77 || exit 1
fi

case $kind in
asan)
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:abort_on_error=0
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
  export LSAN_OPTIONS=suppressions=$here/leaks.txt:print_suppressions=0
  exec "$binary" "$@"
  ;;
tsan)
  export TSAN_OPTIONS=suppressions=$here/races.txt:halt_on_error=1:second_deadlock_stack=1
  export G_SLICE=always-malloc  # memory that GLib hands from thread to thread itself looks shared
  # Some kernels place memory where ThreadSanitizer of g++ 12 does not expect it.
  if setarch --addr-no-randomize true 2>/dev/null; then
    exec setarch --addr-no-randomize "$binary" "$@"
  fi
  exec "$binary" "$@"
  ;;
fuzz)
  seconds=$1 corpus=$2
  mkdir -p "$corpus"
  # A finding must not look like 77, which is libFuzzer's own choice. What is found is written beside the corpus, never into the source tree.
  exec "$binary" "-max_total_time=$seconds" -error_exitcode=1 -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
    "-artifact_prefix=$corpus/../" "$corpus"
  ;;
*)
  echo "unknown kind $kind" >&2
  exit 64
  ;;
esac
