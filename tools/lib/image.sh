# SPDX-License-Identifier: GPL-2.0-or-later
# The base image of a suite: a disk with Debian and the services that tests guard, and next to it, for each kernel, the
# kernel and an initrd that holds just what mounts the disk. enforced itself is not in it: tools/vm adds it at boot, so
# that the image outlives a rebuild. Sourced after debian.sh.
#
#   CACHE/image-SUITE-HASH/disk.img, KERNEL.vmlinuz, KERNEL.initrd
#
# HASH is over what the image is made from. Directories of other hashes are stale; the next build removes those that no
# run has started from for an hour.

# kernels SUITE: name, and the package that depends on the newest one of that name; the first is the default.
kernels() {
    case $1 in
        bookworm) printf '%s\n' '6.1 linux-image-cloud-amd64' '6.12 linux-image-6.12-cloud-amd64' ;;
        trixie) printf '%s\n' '6.12 linux-image-cloud-amd64' ;;
        sid) printf '%s\n' '7.2 linux-image-cloud-amd64' ;;
        *) return 1 ;;
    esac
}

# What a throwaway system on emulated hardware need not do at boot.
IMAGE_MASKED=(
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
    logrotate.timer man-db.timer systemd-tmpfiles-clean.timer phpsessionclean.timer
    systemd-timesyncd.service systemd-pstore.service systemd-random-seed.service systemd-boot-random-seed.service
    systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-journal-flush.service
    systemd-remount-fs.service systemd-udev-settle.service systemd-network-generator.service systemd-networkd.service
    keyboard-setup.service console-setup.service getty.target getty-static.service
    serial-getty@ttyS0.service sys-fs-fuse-connections.mount tmp.mount systemd-battery-check.service systemd-tpm2-setup.service
    systemd-tpm2-setup-early.service systemd-pcrmachine.service systemd-userdbd.socket
)

# Installed for the tests, which start them when they want them.
IMAGE_DISABLED=(dbus-broker nginx redis-server postgresql ssh ssh.socket cron apparmor sudo remote-fs.target)

image_directory() {
    local suite=$1 hash
    hash=$( (packages guest "$1" && cat "$TOP"/tools/lib/{debian.sh,image.sh,guest/init}) | sha256sum)
    echo "$CACHE/image-$suite-${hash:0:12}"
}

# image_build SUITE DIRECTORY: makes what is missing. The lock is held by whoever builds; those who come meanwhile wait, and find
# the image there.
image_build() {
    local suite=$1 directory=$2 lock work
    if [[ -e $directory/disk.img ]]; then
        touch "$directory"
        return
    fi
    exec {lock}>"$CACHE/image-$suite.lock"
    flock -n "$lock" || { say "waiting for another build of the $suite image"; flock "$lock"; }
    if [[ ! -e $directory/disk.img ]]; then
        local started=$SECONDS
        say "the $suite image has to be built; this takes two to four minutes, once"
        work=$directory.new
        rm -rf "$CACHE"/image-"$suite"-*.new
        find "$CACHE" -mindepth 1 -maxdepth 1 -type d -name "image-$suite-*" -mmin +60 -exec rm -rf {} +
        mkdir -p "$work"
        step "[1/3] downloading and installing Debian $suite" image_bootstrap "$suite" "$work"
        step "[2/3] its kernels and their initrds" image_kernels "$suite" "$work"
        step "[3/3] writing the disk" image_disk "$work"
        mv "$work" "$directory"
        say "built $directory in $((SECONDS - started)) s"
    fi
    exec {lock}>&-
}

image_bootstrap() {
    local suite=$1 work=$2
    mkdir -p "$work/debs"
    printf '%s\n' "$(kernels "$suite" | cut -d ' ' -f 2)" >"$work/metapackages"
    export WORK=$work
    # Kernels are downloaded, not installed: their scripts would build initramfs images of no use here.
    # shellcheck disable=SC2016 # the hooks expand, not we
    debian_bootstrap "$suite" "$work/root" "$(packages guest "$suite" | paste -sd,)" \
        --customize-hook='cd "$WORK/debs"; export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
            apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
                --no-enhances $(cat "$WORK/metapackages") | grep -E "^linux-(image|base|binary|modules)-[0-9][^ ]*[0-9]-" |
                grep -v unsigned | xargs apt-get download busybox-static'
    image_settle "$work/root"
}

# What would make the first boot slow or different from the second.
image_settle() {
    local root=$1 unit
    for unit in "${IMAGE_DISABLED[@]}"; do chroot "$root" systemctl --quiet disable "$unit" || true; done
    for unit in "${IMAGE_MASKED[@]}"; do ln -sf /dev/null "$root/etc/systemd/system/$unit"; done
    echo vm >"$root/etc/hostname"
    echo '127.0.0.1 localhost vm' >"$root/etc/hosts"
    echo 'LANG=C.UTF-8' >"$root/etc/default/locale"
    : >"$root/etc/fstab"
    rm -rf "$root"/var/log/journal "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/var/cache/apt/*.bin
    tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
    chroot "$root" passwd -d root
}

image_kernels() {
    local suite=$1 work=$2 deb name release modules=$2/root/usr/lib/modules
    for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$work/extracted"; done
    mkdir -p "$modules"
    for release in "$work"/extracted/{usr/,}lib/modules/*; do
        [[ -d $release ]] && cp -a "$release" "$modules/"
    done
    while read -r name _; do
        release=$(basename "$(compgen -G "$modules/$name.*" | head -n 1)")
        depmod -b "$work/root/usr" "$release" 2>/dev/null || depmod -b "$work/root" "$release"
        # 7.2 has it beside the modules.
        if [[ -e $modules/$release/vmlinuz ]]; then
            mv "$modules/$release/vmlinuz" "$work/$name.vmlinuz"
        else
            cp "$work/extracted/boot/vmlinuz-$release" "$work/$name.vmlinuz"
        fi
        image_initrd "$work" "$release" >"$work/$name.initrd"
    done < <(kernels "$suite")
}

# A static busybox, the modules to reach a virtio disk with ext4 on it in the order to load them, and our init.
image_initrd() {
    local work=$1 release=$2 tree=$1/initrd module
    rm -rf "$tree"
    mkdir -p "$tree"/{dev,root,modules}
    cp "$work"/extracted/{usr/,}bin/busybox "$tree/" 2>/dev/null || [[ -x $tree/busybox ]]
    cp "$TOP/tools/lib/guest/init" "$tree/init"
    for module in virtio_pci virtio_blk ext4 virtio_console; do
        modprobe -d "$work/root" -S "$release" --show-depends "$module"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
        cp "$module" "$tree/modules/"
        module=${module##*/}
        case $module in
            *.xz) xz -d "$tree/modules/$module" ;;
            *.zst) zstd -dq --rm "$tree/modules/$module" ;;
        esac
        echo "${module%.ko*}.ko" >>"$tree/modules/order"
    done
    (cd "$tree" && find . | cpio -o -H newc --quiet)
}

image_disk() {
    local work=$1
    # No journal and no checksums: nobody keeps this disk, and every byte of them is emulated.
    mke2fs -q -t ext4 -O '^has_journal,^metadata_csum' -E lazy_itable_init=0 -m 0 -d "$work/root" "$work/disk.img" 3G
    rm -rf "$work"/{root,extracted,initrd,debs,metapackages}
}
