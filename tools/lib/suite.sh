# SPDX-License-Identifier: GPL-2.0-or-later
# Runs commands where the build dependencies of a suite are: on this machine if it is of that suite, else in a chroot of
# it, made once and kept as CACHE/chroot-SUITE-HASH. Sourced after debian.sh.

# suite_build_directory SUITE: where its build belongs if nobody says otherwise.
suite_build_directory() {
    if [[ $1 == "$(host_suite)" ]]; then echo "${ENFORCED_BUILD:-$TOP/build}"; else echo "$TOP/build-$1"; fi
}

# suite_need SUITE: sees to the build dependencies.
suite_need() {
    local suite=$1 build_packages directory lock old
    mapfile -t build_packages < <(packages build "$suite")
    if [[ $suite == "$(host_suite)" ]]; then
        need_packages "${build_packages[@]}"
        return
    fi
    directory=$(suite_chroot "$suite")
    [[ -d $directory ]] && return
    need_root
    need_packages mmdebstrap
    mkdir -p "$CACHE"
    exec {lock}>"$CACHE/chroot-$suite.lock"
    flock -n "$lock" || { say "waiting for another build of the $suite chroot"; flock "$lock"; }
    if [[ ! -d $directory ]]; then
        for old in "$CACHE"/chroot-"$suite"-*/; do rm -rf "$old"; done
        step "making a chroot of Debian $suite with the build dependencies, once" \
            debian_bootstrap "$suite" "$directory.new" "$(IFS=, && echo "${build_packages[*]}")"
        mv "$directory.new" "$directory"
    fi
    exec {lock}>&-
}

suite_chroot() {
    local hash
    hash=$( (packages build "$1" && cat "$TOP/tools/lib/debian.sh") | sha256sum)
    echo "$CACHE/chroot-$1-${hash:0:12}"
}

# suite_run SUITE BUILD COMMAND [ARG...]: in the build directory BUILD. In a chroot, sources and build are at their own
# paths and only BUILD can be written to. The mounts are in a namespace of their own and end with the command.
suite_run() {
    local suite=$1 build=$2 owner
    shift 2
    if [[ $suite == "$(host_suite)" ]]; then
        # Files of root's in the build directory of someone who is not would stop that one's next build.
        owner=$(stat -c %u:%g "$build")
        ((EUID != 0 || ${owner%:*} == 0)) ||
            set -- setpriv --reuid "${owner%:*}" --regid "${owner#*:}" --clear-groups "$@"
        (cd "$build" && "$@")
        return
    fi
    need_root
    # shellcheck disable=SC2016 # the inner shell expands
    unshare --mount --propagation private /bin/sh -euc '
        root=$1 top=$2 build=$3
        shift 3
        mkdir -p "$root$top" "$root$build"
        mount --bind "$top" "$root$top"
        mount -o remount,bind,ro "$root$top"
        mount --bind "$build" "$root$build"
        mount -t proc proc "$root/proc"
        exec chroot "$root" /bin/sh -c "cd \"\$0\" && exec \"\$@\"" "$build" "$@"
    ' sh "$(suite_chroot "$suite")" "$TOP" "$build" "$@"
}

# suite_build SUITE BUILD [SETUP... -- TARGET...]: configures BUILD if it is not yet, SETUP being more options for that,
# and compiles all, or just TARGET.
suite_build() {
    local suite=$1 build=$2 setup=() lock
    shift 2
    while (($#)) && [[ $1 != -- ]]; do
        setup+=("$1")
        shift
    done
    mkdir -p "$build"
    exec {lock}>"$build/.tools.lock"
    flock "$lock"
    if [[ ! -e $build/build.ninja ]]; then
        step "configuring $build for $suite" suite_run "$suite" "$build" \
            meson setup --prefix /usr --sysconfdir /etc --localstatedir /var "${setup[@]}" "$build" "$TOP"
    fi
    step "compiling $build" suite_run "$suite" "$build" meson compile -C "$build" "${@:2}"
    exec {lock}>&-
}

# suite_install SUITE BUILD DESTINATION: what was last built.
suite_install() {
    local suite=$1 build=$2 destination=$3 lock
    exec {lock}>"$build/.tools.lock"
    flock "$lock"
    rm -rf "$build/.install"
    suite_run "$suite" "$build" env DESTDIR="$build/.install" meson install -C "$build" --no-rebuild
    mkdir -p "$build/.install"
    cp -a "$build/.install/." "$destination/"
    rm -rf "$build/.install"
}
