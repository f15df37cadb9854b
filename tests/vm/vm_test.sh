#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tools/vm promises: statuses, output byte by byte and never mixed, arguments as given, copies, timeout, failures,
# two machines at a time, nothing left behind. Needs root; a minute or two with the image there. Any arguments are
# options for the machines: vm_test.sh --image trixie
# shellcheck disable=SC2317 # check calls the functions
set -uo pipefail
TOP=$(realpath "${BASH_SOURCE[0]%/*}/../..")
OPTIONS=(--no-install "$@")
CACHE=${ENFORCED_CACHE:-/var/cache/enforced-vm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# machine NAME OPTION... -- COMMAND...: leaves NAME.out, NAME.err and NAME.status.
machine() {
    local name=$1
    shift
    "$TOP/tools/vm" run "${OPTIONS[@]}" "$@" >"$work/$name.out" 2>"$work/$name.err"
    echo $? >"$work/$name.status"
}

# check WHAT COMMAND...: counts as passed if COMMAND succeeds.
check() {
    local what=$1
    shift
    if "$@"; then
        echo "ok: $what"
        passed=$((passed + 1))
    else
        echo "FAILED: $what"
        failed=$((failed + 1))
    fi
}

status_is() { [[ $(<"$work/$1.status") == "$2" ]] || { echo "status $(<"$work/$1.status")"; tail "$work/$1.err"; false; }; }

# shellcheck disable=SC2059 # the format is the point
file_is() { printf "$2" | cmp - "$work/$1"; }

# comes_true COMMAND...: within a minute, however busy this machine is.
comes_true() {
    local deadline=$((SECONDS + 60))
    until "$@"; do
        ((SECONDS < deadline)) || return
        sleep 0.2
    done
}

usage() {
    "$TOP/tools/vm" "$@" >"$work/usage.out" 2>"$work/usage.err"
    [[ $? == 2 && -s $work/usage.err && ! -s $work/usage.out ]]
}

check 'no command is a wrong call' usage run
check 'an unknown option is a wrong call' usage run --frobnicate -- true
check 'an unknown image is a wrong call' usage run --image potato -- true
check 'an unknown kernel is a wrong call' usage run --image trixie --kernel 6.1 -- true
check 'a copy without destination is a wrong call' usage run --copy /etc/hostname -- true
check 'a copy that the boot would cover is a wrong call' usage run --copy /etc/hostname:/run/x -- true
check 'a timeout in words is a wrong call' usage run --timeout soon -- true
"$TOP/tools/vm" run --build "$work/none" -- true 2>"$work/nobuild.err"
check 'no build is a failure of the machine' test $? = 125
check '... that says so' grep -q "no build in $work/none" "$work/nobuild.err"
"$TOP/tools/vm" build "$@" >/dev/null || exit 1

# Arguments, statuses and copies in one machine; fifty megabytes and death by a signal in the other, at the same time.
head -c 50M /dev/urandom >"$work/random"
mkdir -p "$work/tree/sub"
echo one >"$work/tree/sub/one"
chmod 4751 "$work/tree/sub/one"
chmod 700 "$work/tree/sub"
ln -s sub/one "$work/tree/link"
touch "$work/name with: colon"
# shellcheck disable=SC1003,SC2016 # the guest expands
machine arguments -q --copy "$work/tree:/opt/tree" --copy "$work/name with: colon:/srv/in/" -- \
    sh -c 'printf "<%s>" "$@"; printf "err\n" >/dev/stderr
           cd /opt/tree && stat -c "%a %u %n" sub sub/one >&2; readlink link >&2; ls /srv/in >&2; exit 42' \
    sh 'a b' '' "it's" '"quoted"' $'new\nline' '*' '$HOME' '\' 'ü' &
machine big -q --copy "$work/random:/root/random" -- 'cat random; kill -9 $$' &
wait
check 'a status comes through' status_is arguments 42
check 'arguments come through as given' file_is arguments.out \
    "<a b><><it's><\"quoted\"><new\nline><*><\$HOME><\\\\><ü>"
check 'standard error is apart, and copies keep their modes' file_is arguments.err \
    'err\n700 0 sub\n4751 0 sub/one\nsub/one\nname with: colon\n'
check 'death by a signal comes through' status_is big 137
check 'fifty megabytes come through' cmp "$work/random" "$work/big.out"
check '... and nothing else' test ! -s "$work/big.err"

machine late --timeout 2 -- 'echo early; sleep 1000; echo late' &
machine dead -- 'echo before; echo o >/proc/sysrq-trigger; sleep 1000' &
wait
check 'the timeout has its status' status_is late 124
check '... and what was written before is there' file_is late.out 'early\n'
check 'a dead machine has its status' status_is dead 125
check '... and what was written before is there' file_is dead.out 'before\n'
check '... and logs, which it names' test -s "$(sed -n 's/.*; logs: //p' "$work/dead.err")/console.log"

# A killed run takes its machine with it, and the next run removes its files. The inner shell says which process it is.
# shellcheck disable=SC2016
sh -c 'echo $$ >"$1/pid"; shift; exec "$@"' sh "$work" \
    "$TOP/tools/vm" run "${OPTIONS[@]}" -- 'sleep 1000' 2>"$work/killed.err" &
child() {
    local pid
    pid=$(<"$work/pid")
    for qemu in $(<"/proc/$pid/task/$pid/children"); do
        [[ $(readlink "/proc/$qemu/exe") != */qemu-system* ]] || return 0
    done
    return 1
}
# What is only waiting to be reaped has no executable any more.
gone() { [[ ! -e /proc/$qemu/exe ]]; }
comes_true test -s "$work/pid"
check 'a killed run has had a machine' comes_true child
left=$(readlink "/proc/$qemu/fd/"* | sed -n "s|^\($CACHE/run/[^/]*\).*|\1|p" | head -n 1)
disown
kill -KILL "$(<"$work/pid")"
check '... which dies with it' comes_true gone
machine next -q -- true
check 'the next run works' status_is next 0
check '... and cleans up' test -n "$left" -a ! -e "$left"

echo "$passed passed, $failed failed"
exit $((failed > 0))
