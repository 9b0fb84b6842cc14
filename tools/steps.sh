# shellcheck shell=bash
# What tools/run and tools/test share: timed steps with logs, packages, npm folders, builds.
# Sourced by both in the root of the repository, under `set -euo pipefail`.

export LC_ALL=C.UTF-8  # one decimal point and one language in every log

# shellcheck disable=SC2034  # read by those who source this
readonly packages_to_build=(ca-certificates g++ cmake ninja-build nodejs npm emscripten catch2
    nlohmann-json3-dev)
# shellcheck disable=SC2034
readonly packages_of_laboratory=(iproute2 procps nftables conntrack openssl)
readonly least_node=18

# --- Steps -------------------------------------------------------------------------------------

step_number=0
step_total=0  # 0 leaves the [ 3/7] out

# seconds_since EPOCHREALTIME → 12.4 s
seconds_since() {
    local tenths=$(((${EPOCHREALTIME/./} - ${1/./}) / 100000))
    printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}

# Runs a command in a subshell and leaves its exit code in $status. Unlike `if`, `||` and `!`, this
# keeps errexit alive inside the command, so a failure in the middle of a function ends it.
attempt() {
    set +e
    (
        set -e
        "$@"
    )
    status=$?
    set -e
}

# note WORDS: something a person should see on the line of the running step.
note() { printf '%s … ' "$*" >&3; }

# Two commands building in one checkout would spoil each other's files: one step at a time.
one_at_a_time() {
    exec 9>build/lock
    if ! flock --nonblock 9; then
        note 'waiting for another tools/run or tools/test'
        flock 9
    fi
    "$@" 9>&-  # no process left behind by a step may keep the lock
}

# step NAME TITLE HINT COMMAND…: runs the command with its output in build/logs/NAME.log and prints
# one line. A failure prints the end of the log and the hint, and ends the (sub)shell.
step() {
    local name=$1 title=$2 hint=$3 log=build/logs/$1.log started=$EPOCHREALTIME
    shift 3
    mkdir -p build/logs
    step_number=$((step_number + 1))
    if ((step_total > 0)); then
        printf '[%2d/%d] %s … ' "$step_number" "$step_total" "$title"
    else
        printf '  %s … ' "$title"
    fi
    attempt one_at_a_time "$@" 3>&1 >"$log" 2>&1
    if ((status != 0)); then
        printf 'failed after %s\n' "$(seconds_since "$started")"
        {
            printf '\nThe end of %s (%s, exit code %d):\n' "$log" "$name" "$status"
            tail -n 40 "$log" | sed 's/^/    /'
            printf '\n%s\n' "$hint"
        } >&2
        exit 1
    fi
    seconds_since "$started"
    printf '\n'
}

# --- Debian packages ---------------------------------------------------------------------------

is_there() {
    case $1 in
        # Any Node counts, and the npm beside it: Debian's would displace a newer one.
        nodejs) command -v node >/dev/null ;;
        npm) command -v npm >/dev/null ;;
        *) [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]] ;;
    esac
}

install_packages() {
    local package missing=() as_root=()
    for package in "$@"; do
        is_there "$package" || missing+=("$package")
    done
    if ((${#missing[@]} > 0)); then
        if ! command -v apt-get >/dev/null; then
            echo "apt-get is not here. Please install what these Debian packages hold: ${missing[*]}"
            return 1
        fi
        if ((EUID != 0)); then
            if ! command -v sudo >/dev/null; then
                echo 'Neither root nor sudo. Please let an administrator run:'
                echo "    apt-get install --no-install-recommends ${missing[*]}"
                return 1
            fi
            as_root=(sudo)
        fi
        note "installing ${missing[*]}"
        as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120)
        "${as_root[@]}" update
        "${as_root[@]}" install --yes --no-install-recommends "${missing[@]}"
    fi
    check_node
}

check_node() {
    local major
    major=$(node --print 'process.versions.node.split(".")[0]')
    if ((major < least_node)); then
        echo "$(command -v node) is version $(node --version), at least $least_node is needed."
        echo "Please put a newer Node first on PATH, or remove it to get Debian's."
        return 1
    fi
}

step_packages() {
    step packages 'Debian packages' \
        'Please mend what is said above (a network and root or sudo are needed once), then repeat.' \
        install_packages "$@"
}

# --- npm folders -------------------------------------------------------------------------------

# Installs what the lock file of each folder says, unless that very lock file is installed already.
install_modules() {
    local folder wanted stamp
    for folder in "$@"; do
        stamp=$folder/node_modules/.installed
        wanted=$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum)
        if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
            continue
        fi
        note "installing $folder"
        # No install scripts: nothing here needs one, and they could fetch what no lock file holds.
        (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund)
        mkdir -p "$folder/node_modules"  # npm makes none for a folder without dependencies
        printf '%s\n' "$wanted" >"$stamp"
    done
}

step_modules() {
    step modules 'npm packages' \
        'Please check the network (npm ci needs its registry once), then repeat.' \
        install_modules "$@"
}

# --- Builds ------------------------------------------------------------------------------------

# configure FOLDER COMMAND…: CMake only when these arguments were not configured here before; Ninja
# itself repeats it when a CMakeLists.txt changes.
configure() {
    local folder=$1 wanted
    shift
    wanted="$PWD: $*"
    if [[ -f $folder/build.ninja && -f $folder/.configured ]]; then
        [[ $(<"$folder/.configured") == "$wanted" ]] && return
        rm -rf "$folder"
    fi
    "$@" -S . -B "$folder" -G Ninja
    printf '%s\n' "$wanted" >"$folder/.configured"
}

configure_native() { configure build/native cmake -DCMAKE_BUILD_TYPE=Release; }

# build_native TARGET
build_native() {
    configure_native
    cmake --build build/native --target "$1"
}

build_simulator() {
    configure_native
    cmake --build build/native --target dvmeet_sim dvmeet_explore
}

build_checked() {
    # By GCC, or optimised, this takes more than twice as long.
    configure build/checked cmake -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=clang++ \
        -DDVMEET_SANITIZE=ON -DDVMEET_COVERAGE=ON
    cmake --build build/checked --target dvmeet_tests
}

build_fuzz() {
    configure build/fuzz cmake -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=clang++ -DDVMEET_FUZZ=ON
    cmake --build build/fuzz --target fuzz_targets
}

# build_wasm TARGET
build_wasm() {
    configure build/wasm emcmake cmake -DCMAKE_BUILD_TYPE=Release
    cmake --build build/wasm --target "$1"
}

# What the package is made of and what it has become; the tools that make it are in tests' lock file.
package_state() {
    {
        find wasm -name node_modules -prune -o -type f -print0 | sort --zero-terminated |
            xargs --null sha256sum
        sha256sum tests/package-lock.json
    } | sha256sum
}

# Bundles, minifies, declares types; skipped while neither input nor output differs from last time.
finish_package() {
    local stamp=build/package-state
    if [[ -f wasm/dist/standalone.js && -f $stamp && $(<"$stamp") == "$(package_state)" ]]; then
        return
    fi
    rm -f "$stamp"
    node wasm/build.mjs
    package_state >"$stamp"
}

# The static site: the page, and the package beneath it. Made aside and swapped in, so that a running
# server never hands out half a site; left alone when nothing changed.
assemble_site() {
    local fresh=build/site.new
    rm -rf "$fresh" build/site.old
    mkdir -p "$fresh"
    cp -R web/. "$fresh/"
    rm -r "$fresh/examples"
    mkdir -p "$fresh/dvmeet-core"
    cp wasm/*.js "$fresh/dvmeet-core/"
    cp -R wasm/dist "$fresh/dvmeet-core/dist"
    if diff --recursive --brief "$fresh" build/site; then
        rm -rf "$fresh"
        return
    fi
    [[ ! -e build/site ]] || mv build/site build/site.old
    mv "$fresh" build/site
    rm -rf build/site.old
}

readonly mend_build='Please mend what the compiler says above, then repeat.'

step_module() { step module 'build the module' "$mend_build" build_wasm dvmeet_module; }

step_package() {
    step package 'bundle the package' \
        'Please mend what is said above; the bundler is wasm/build.mjs.' finish_package
}

step_site() {
    step site 'assemble the site' \
        'Please check that web/ and wasm/dist/ are complete and the disk is not full.' assemble_site
}

# The page, with all that it is made of.
step_page() {
    step_module
    step_package
    step_site
}

# bench_in_laboratory TEST-FILE: runs it for its figures, which come last; a test that fails is no
# reason to keep them back.
bench_in_laboratory() {
    local figures
    {
        step_packages "${packages_to_build[@]}" chromium coturn "${packages_of_laboratory[@]}"
        step_modules tests wasm tools/signaling
        step_page
    } >&2
    figures=$(mktemp)
    DVMEET_FIGURES=$figures node "$1" || true
    cat "$figures"
    [[ -s $figures ]] || return 1
    rm -f "$figures"
}
