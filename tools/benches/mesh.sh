# shellcheck shell=bash
# What an uplink too narrow for a mesh does to voices and pictures; run by tools/bench.
set -euo pipefail
# shellcheck source=tools/steps.sh
source tools/steps.sh
bench_in_laboratory tests/nat/bottleneck.test.mjs
