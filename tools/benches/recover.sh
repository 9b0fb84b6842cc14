# shellcheck shell=bash
# How soon pictures are back after each kind of interruption; run by tools/bench.
set -euo pipefail
# shellcheck source=tools/steps.sh
source tools/steps.sh
# What fails a test's generous bounds is still a figure: `never`.
bench_in_laboratory tests/nat/interruptions.test.mjs
