# SPDX-License-Identifier: GPL-2.0-or-later
# What the tools share: messages, steps with their logs, packages of the host. Sourced by bash; the caller sets
#   TOOL         the name before every message
#   FAIL_STATUS  what `fail` exits with (1)
#   QUIET        not empty: no messages but those about failures

umask 022
TOP=$(realpath "${BASH_SOURCE[0]%/*}/../..")
CACHE=${ENFORCED_CACHE:-/var/cache/enforced-vm}

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

# start_log: LOGS, a directory for this run's logs, and LOG in it, which takes the output of steps. Who is not root may
# not be able to write to CACHE. At the end the tool calls end_log with its status: the logs of the last twenty failures
# are kept, those of success are not.
start_log() {
    local parent=$CACHE/log
    mkdir -p "$parent" 2>/dev/null && [[ -w $parent ]] || parent=$(mktemp -d)
    LOGS=$parent/$TOOL-$(date +%Y%m%d-%H%M%S)-$$
    LOG=$LOGS/steps.log
    mkdir "$LOGS"
    : >"$LOG"
    find "$parent" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' | sort -rn | tail -n +21 | cut -d ' ' -f 2- |
        xargs -r rm -rf
}

# Also ends a step that is still running, with all that it started.
end_log() {
    [[ -z ${STEP:-} ]] || kill -KILL -- "-$STEP" 2>/dev/null || true
    ((${1} != 0)) || rm -rf "$LOGS"
}

# step WHAT COMMAND [ARG...]: says WHAT, then every ten seconds how long it has taken and the last line that COMMAND
# wrote to $LOG. Ends the tool if COMMAND fails. COMMAND may be a function; it runs in a subshell under set -e.
step() {
    local what=$1 started=$SECONDS heart status=0
    shift
    say "$what"
    printf '=== %s\n' "$what" >>"$LOG"
    heartbeat "$started" </dev/null &
    heart=$!
    # In a process group of its own, so that it can be ended with all that it started.
    set -m
    (trap - ERR; set -e; "$@") </dev/null >>"$LOG" 2>&1 &
    STEP=$!
    set +m
    wait "$STEP" || status=$?
    STEP=''
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
    while ! read -rt 10 -u "$never" && kill -0 $$ 2>/dev/null; do
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
    local installed missing
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p') || true
    mapfile -t missing < <(printf '%s\n' "$@" | grep -vxF -e "$installed" || true)
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
