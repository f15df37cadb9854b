# SPDX-License-Identifier: GPL-2.0-or-later
# One virtual machine from its making to its end. Sourced by tools/vm, whose options and image are the
# variables used here.

# One directory a run, locked as long as it or its qemu lives: what a killed run left is removed by the next one.
make_run_directory() {
    local old held lock
    mkdir -p "$CACHE/run"
    # Nobody may come between the making of a directory and its lock.
    exec {lock}>"$CACHE/run.lock"
    flock "$lock"
    for old in "$CACHE"/run/*/; do
        [[ -d $old ]] || continue
        { exec {held}<"$old"; } 2>/dev/null || continue
        if flock -n "$held"; then rm -rf "$old"; fi
        exec {held}<&-
    done
    run=$(mktemp -d "$CACHE/run/XXXXXXXX")
    exec {held}<"$run"
    flock -n "$held"
    exec {lock}>&-
    start_log
    trap 'cleanup $?' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

cleanup() {
    local status=$1 pid
    trap - EXIT
    for pid in $(jobs -p); do kill -KILL "$pid" 2>/dev/null || true; done
    # The machine did its work, whatever the status of the command in it.
    end_log $((status == 124 || status == 125 ? status : 0))
    # Or the shell reports every one of them.
    disown -a
    rm -rf "$run"
    exit "$status"
}

# The tar that this boot adds to the base image: our own units, the command, the build, the copies.
make_payload() {
    local stage=$run/stage ours=$run/stage/usr/lib/enforced-vm units=$run/stage/etc/systemd/system copy guest
    mkdir -p "$ours" "$units"
    cp "$here/lib/guest/run" "$ours/"
    cp "$here"/lib/guest/*.{target,service} "$units/"
    : >"$ours/argv"
    ((${#command[@]} == 0)) || printf '%s\0' "${command[@]}" >"$ours/argv"
    [[ -z $install ]] || : >"$ours/installed"
    [[ -z $install ]] || step "installing $build" suite_install "$suite" "$build" "$stage"
    for copy in "${copies[@]}"; do
        guest=$stage${copy##*:}
        [[ $guest == */ ]] && guest+=$(basename "${copy%:*}")
        mkdir -p "${guest%/*}"
        # -T merges into a directory that is there already.
        cp -aT -- "${copy%:*}" "$guest"
    done
    tar --create --file "$run/payload.tar" --directory "$stage" --owner 0 --group 0 --numeric-owner --xattrs .
    rm -rf "$stage"
}

# Becomes qemu: to be called in a subshell.
boot() {
    local accel=(-accel tcg,thread=multi)
    [[ $in_turn ]] && accel=(-accel tcg,thread=single)
    [[ $icount ]] && accel=(-accel tcg,thread=single -icount shift=0)
    # If we are killed, so is qemu. TMPDIR takes what the guest writes to its disk.
    TMPDIR=$run exec setpriv --pdeathsig KILL qemu-system-x86_64 -nodefaults -display none -nic none -no-reboot \
        "${accel[@]}" -machine pc -cpu max -smp "$smp" -m "$memory" \
        -kernel "$image/$kernel.vmlinuz" -initrd "$image/$kernel.initrd" \
        -drive "file=$image/disk.img,if=virtio,format=raw,snapshot=on" \
        -drive "file=$run/payload.tar,if=virtio,format=raw,read-only=on" \
        -append "console=ttyS0 quiet panic=-1 systemd.show_status=0 systemd.condition_needs_update=0 $append" "$@"
}

machine_run() {
    local port ports=(-device virtio-serial) control line part='' status='' started='' deadline booted reader
    for port in control stdout stderr; do
        mkfifo "$run/$port"
        ports+=(-chardev "file,id=$port,path=$run/$port" -device "virtserialport,chardev=$port,name=$port")
    done
    exec {control}<>"$run/control"
    readers=()
    cat "$run/stdout" & readers+=($!)
    cat "$run/stderr" >&2 & readers+=($!)
    append="systemd.unit=enforced-vm.target $append"
    say "booting $suite with kernel $kernel"
    boot -serial "file:$LOGS/console.log" "${ports[@]}" </dev/null >"$LOGS/qemu.log" 2>&1 &
    qemu=$!
    booted=$SECONDS deadline=$((SECONDS + BOOT_LIMIT))
    while [[ -z $status ]]; do
        # A line may come in parts if this machine is very busy: what was read when the time is up is kept.
        if read -rt 1 -u "$control" line; then
            line=$part$line part=''
            case $line in
                started)
                    say "up after $((SECONDS - booted)) s; running the command"
                    started=yes deadline=$((SECONDS + ${limit:-1000000000}))
                    ;;
                status\ *) status=${line#status } ;;
            esac
            continue
        fi
        part+=$line
        if ! kill -0 "$qemu" 2>/dev/null; then
            # QEMU before 8.1 (its commit "accel/tcg: Always lock pages before translation") may run a breakpoint that
            # is no longer there, while the kernel rewrites its own code on another processor. Whoever sees this
            # message may try again, or give --in-turn.
            ! grep -q 'int3: 0000' "$LOGS/console.log" || machine_failed "the emulator ran a stale breakpoint"
            machine_failed "the machine ended before the command did"
        elif ((SECONDS >= deadline)); then
            [[ $started ]] || machine_failed "the system was not up after $BOOT_LIMIT s"
            end_machine
            say "the command was not done after $limit s; logs: $LOGS"
            exit 124
        else
            # A reader that is gone could not write: whoever read our output has closed it.
            for reader in "${readers[@]}"; do kill -0 "$reader" 2>/dev/null || exit 141; done
        fi
    done
    end_machine
    exit "$status"
}

# What the machine has written is passed on before we end.
end_machine() {
    local reader
    kill -KILL "$qemu" 2>/dev/null || true
    wait "$qemu" 2>/dev/null || true
    # If qemu did not get as far as opening them, the readers wait for a writer.
    : <>"$run/stdout" <>"$run/stderr"
    for reader in "${readers[@]}"; do wait "$reader" || exit 141; done
}

machine_failed() {
    end_machine
    tail -n 20 "$LOGS/qemu.log" "$LOGS/console.log" >&2 || true
    fail "$1; logs: $LOGS"
}

machine_shell() {
    append="systemd.unit=enforced-vm-shell.target $append"
    say "booting $suite with kernel $kernel; the machine ends with the shell, or by ctrl-a x"
    (boot -serial mon:stdio)
}
