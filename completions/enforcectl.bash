# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of enforcectl(1) for bash. shellcheck shell=bash

# What is loaded as far as one may look, and what there are files of.
__enforcectl_policies() {
    local name _
    enforcectl policies --no-legend --no-pager --no-ask-password 2>/dev/null | while read -r name _; do echo "$name"; done
    for name in {/etc,/run,/usr/lib}/enforced/policy.d/*.toml; do
        [[ ! -e $name ]] || { name=${name##*/}; echo "${name%.toml}"; }
    done
}

__enforcectl_units() {
    local name _
    enforcectl units --no-legend --no-pager --no-ask-password 2>/dev/null | while read -r name _; do echo "$name"; done
}

# Answers with the words that begin as the current one does. Not compgen -W, which would run what is in a name.
__enforcectl_offer() {
    local word
    while read -r word; do
        [[ $word != "$cur"* ]] || COMPREPLY+=("$(printf %q "$word")")
    done
}

_enforcectl() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb='' i words=''
    local all='--json -j --no-pager --no-legend -l --full --no-ask-password -h --help'
    local trial='--timeout --hold'
    local filter='-u --unit -p --policy --rule --class --verdict -S --since -U --until -b --boot'
    local -A options=(
        [status]=''
        [units]=''
        [policies]=''
        [show]='-p --property --value'
        [check]='--root --running'
        [cat-config]='--root'
        [load]="--name $trial"
        [unload]="$trial"
        [mode]="$trial"
        [confirm]=''
        [revert]=''
        [permanent]="$trial"
        [reload]="$trial"
        [release]="$trial"
        [events]="-f --follow -n --lines -r --reverse --after-cursor --ids $filter"
        [explain]="$filter"
        [features]=''
    )
    COMPREPLY=()

    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ -z ${options[${COMP_WORDS[i]}]+known} ]] || { verb=${COMP_WORDS[i]}; break; }
    done
    # bash takes --json=short apart.
    [[ $cur != '=' ]] || { prev=${COMP_WORDS[COMP_CWORD - 1]} cur=''; }
    [[ $prev != '=' ]] || prev=${COMP_WORDS[COMP_CWORD - 2]}

    case $prev in
        --json) words='short pretty off' ;;
        -u | --unit) __enforcectl_offer < <(__enforcectl_units); return ;;
        --policy) __enforcectl_offer < <(__enforcectl_policies); return ;;
        -p)
            [[ $verb == show ]] || __enforcectl_offer < <(__enforcectl_policies)
            return
            ;;
        --class) words='file exec network capability kernel' ;;
        --verdict) words='deny kill would-deny would-kill audit' ;;
        --root) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
        --timeout) words='1min 5min 10min 1h' ;;
        -n | --lines) words='all' ;;
        -S | --since | -U | --until) words='today yesterday -1h' ;;
        --rule | --name | --property | -b | --boot | --after-cursor) return ;;
    esac
    if [[ $words ]]; then
        __enforcectl_offer <<<"${words// /$'\n'}"
        return
    fi

    if [[ $cur == -* ]]; then
        words="$all ${options[${verb:-units}]}"
        [[ $verb ]] || words+=' --version'
        __enforcectl_offer <<<"${words// /$'\n'}"
        return
    fi
    case $verb in
        '') __enforcectl_offer < <(printf '%s\n' "${!options[@]}") ;;
        status) __enforcectl_offer < <(__enforcectl_units) ;;
        show) __enforcectl_offer < <(__enforcectl_policies; __enforcectl_units) ;;
        cat-config | unload | permanent) __enforcectl_offer < <(__enforcectl_policies) ;;
        mode)
            if [[ $prev == mode ]]; then
                __enforcectl_offer < <(__enforcectl_policies)
            else
                __enforcectl_offer < <(printf '%s\n' enforce audit off default)
            fi
            ;;
        check | load)
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            compopt -o filenames 2>/dev/null
            ;;
    esac
}

complete -F _enforcectl enforcectl
