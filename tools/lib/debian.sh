# SPDX-License-Identifier: GPL-2.0-or-later
# A Debian of any suite in a directory, from the mirrors that this machine itself uses. Sourced after common.sh.

# debian_sources SUITE: apt's source lines for it. apt itself reads this machine's configuration, whichever format it
# has; the origin in the signed Release files tells Debian's own mirrors from those of others.
debian_sources() {
    local suite=$1 label uri main='' security='' options=''
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    while IFS='|' read -r label uri; do
        case $label in
            Debian) main=${main:-$uri} ;;
            Debian-Security) security=${security:-$uri} ;;
        esac
    done < <(apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian')
    [[ $main ]] || { echo "no mirror of Debian in this machine's apt sources" >&2; return 1; }
    main=${main%/}
    security=${security:-$main-security}
    [[ -e $keyring ]] && options=" [signed-by=$keyring]"
    echo "deb$options $main $suite main"
    [[ $suite == sid ]] && return
    echo "deb$options $main $suite-updates main"
    echo "deb$options ${security%/} $suite-security main"
}

# debian_bootstrap SUITE DIRECTORY PACKAGES [OPTION...]: PACKAGES is a list with commas; OPTIONs are mmdebstrap's.
debian_bootstrap() {
    local suite=$1 directory=$2 include=$3 sources
    shift 3
    # Origins are known only from fetched lists.
    sources=$(debian_sources "$suite" 2>/dev/null) || { apt-get update && sources=$(debian_sources "$suite"); }
    # Proxies, timeouts and the like hold for these downloads as for the machine's own.
    apt-config dump Acquire | grep -E '^Acquire::(https?|Retries|Check-|By-Hash)' >"$directory.apt.conf" || true
    mmdebstrap --mode=root --variant=minbase --format=directory --include="$include" \
        --aptopt="$directory.apt.conf" --aptopt='Acquire::Languages "none"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' "$@" "$suite" "$directory" - <<<"$sources"
    rm -f "$directory.apt.conf"
}
