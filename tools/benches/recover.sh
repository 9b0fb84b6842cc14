# shellcheck shell=bash
# How soon pictures are back after each kind of interruption; run by tools/bench.
set -euo pipefail
# shellcheck source=tools/steps.sh
source tools/steps.sh

{
    step_packages "${packages_to_build[@]}" chromium coturn iproute2 procps nftables conntrack \
        openssl
    step_modules tests wasm tools/signaling
    step_module
    step_package
    step_site
} >&2
figures=$(mktemp)
trap 'rm -f "$figures"' EXIT
# What fails a test's generous bounds is still a figure: `never`.
DVMEET_FIGURES=$figures node tests/nat/interruptions.test.mjs || true
cat "$figures"
[[ -s $figures ]]
