# SPDX-License-Identifier: GPL-2.0-or-later
# What the tools share: messages, steps with their logs, packages of the host. Sourced by bash; the caller sets
#   TOOL         the name before every message
#   FAIL_STATUS  what `fail` exits with (1)
#   LOG          the file that takes the output of steps
#   QUIET        not empty: no messages but those about failures

TOP=$(realpath "${BASH_SOURCE[0]%/*}/../..")

say() { [[ ${QUIET:-} ]] || printf '%s: %s\n' "$TOOL" "$*" >&2; }

fail() {
    printf '%s: %s\n' "$TOOL" "$*" >&2
    exit "${FAIL_STATUS:-1}"
}

usage_error() {
    printf '%s: %s (%s --help tells more)\n' "$TOOL" "$*" "$TOOL" >&2
    exit 2
}

need_root() { ((EUID == 0)) || fail "this needs root: try sudo $0"; }

# step WHAT COMMAND [ARG...]: says WHAT, then every ten seconds how long it has taken and the last line that COMMAND
# wrote to $LOG. Ends the tool if COMMAND fails. COMMAND may be a function; it runs in a subshell under set -e.
step() {
    local what=$1 started=$SECONDS heart pid status=0
    shift
    say "$what"
    printf '=== %s\n' "$what" >>"$LOG"
    heartbeat "$started" </dev/null &
    heart=$!
    (set -e; "$@") </dev/null >>"$LOG" 2>&1 &
    pid=$!
    wait "$pid" || status=$?
    kill "$heart" 2>/dev/null || true
    wait "$heart" 2>/dev/null || true
    ((status == 0)) && return
    tail -n 20 "$LOG" >&2
    fail "$what: failed with status $status; the whole log: $LOG"
}

# A read that never gets anything instead of sleep: no child that outlives us and keeps the caller's stderr open.
heartbeat() {
    local never
    exec {never}<> <(:)
    while ! read -rt 10 -u "$never"; do
        say "  $((SECONDS - $1)) s: $(tail -n 1 "$LOG" | tr -cd '[:print:]' | cut -c 1-100)"
    done
}

# packages SET SUITE: the packages of a set in tools/lib/packages, one a line.
packages() {
    awk -v set="$1" -v suite="$2" '
        $1 != set { next }
        NF == 2 { print $2; next }
        { for (i = 3; i <= NF; i++) if ($i == suite) print $2 }' "$TOP/tools/lib/packages"
}

# need_packages PACKAGE...: installs on this machine what is absent. Package lists are fetched only if there are none,
# or if they turn out to be too old to install from.
need_packages() {
    local package missing=()
    for package; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    need_root
    have_package_lists || step "fetching the package lists" apt-get update
    step "installing ${missing[*]}" install_packages "${missing[@]}"
}

install_packages() {
    local install=(apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600)
    export DEBIAN_FRONTEND=noninteractive
    "${install[@]}" "$@" && return
    apt-get update
    "${install[@]}" "$@"
}

have_package_lists() { compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; }

host_suite() { (. /etc/os-release && echo "${VERSION_CODENAME:-}"); }
