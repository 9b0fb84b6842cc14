# shellcheck shell=bash
# The size of the package, and of what the module is made of.
set -euo pipefail
# shellcheck source=tools/steps.sh
source tools/steps.sh

# The module once more, with the names of its functions: only the link differs.
link_with_names() {
    local link=build/wasm/named
    mkdir -p "$link"
    ninja -C build/wasm -t commands dvmeet_module | tail -n 1 |
        sed "s#-o [^ ]*dvmeet\.js#-o $PWD/$link/dvmeet.js --profiling-funcs#" >"$link/link.sh"
    [[ $link/dvmeet.wasm -nt wasm/dist/dvmeet.wasm ]] || (cd build/wasm && bash named/link.sh)
}

step_packages "${packages_to_build[@]}"
step_modules tests wasm
step_module
step_package
step named 'link the module with names' "$mend_build" link_with_names
node tools/benches/size.mjs build/wasm/named/dvmeet.wasm
