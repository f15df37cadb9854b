# SPDX-License-Identifier: GPL-2.0-or-later
# Commands that run two at a time, each with its output kept until it ends: most of a machine's tests wait more than they
# compute. Sourced after common.sh.

QUEUE_WIDTH=2
declare -A QUEUE_RUNNING=() # process: name and log

# queue_add NAME LOG COMMAND [ARG...]: runs it, as soon as there is room, with its output in LOG. When it ends, calls
# queue_ended NAME STATUS LOG, which the caller of these defines.
queue_add() {
    local name=$1 log=$2
    shift 2
    ((${#QUEUE_RUNNING[@]} < QUEUE_WIDTH)) || queue_wait
    # In a process group of its own, so that it can be ended with all that it started.
    set -m
    "$@" </dev/null >"$log" 2>&1 &
    QUEUE_RUNNING[$!]="$name $log"
    set +m
}

# Waits for one to end.
queue_wait() {
    local process status=0 name log
    wait -n -p process "${!QUEUE_RUNNING[@]}" || status=$?
    read -r name log <<<"${QUEUE_RUNNING[$process]}"
    unset "QUEUE_RUNNING[$process]"
    queue_ended "$name" "$status" "$log"
}

queue_finish() {
    while ((${#QUEUE_RUNNING[@]})); do queue_wait; done
}

# Ends what is still running: for the caller's own end.
queue_kill() {
    local process
    for process in "${!QUEUE_RUNNING[@]}"; do kill -TERM -- "-$process" 2>/dev/null || true; done
}
