# shellcheck shell=bash
# How soon the module can be used, and the lobby seen; run by tools/bench.
set -euo pipefail
# shellcheck source=tools/steps.sh
source tools/steps.sh
{
    step_packages "${packages_to_build[@]}" chromium
    step_modules tests wasm
    step_page
} >&2
node tests/browser/first-use.mjs "$DVMEET_REPEAT"
