# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of enforcectl(1) for fish.

# What is loaded as far as one may look, and what there are files of.
function __enforcectl_policies
    set -l files /etc/enforced/policy.d/*.toml /run/enforced/policy.d/*.toml /usr/lib/enforced/policy.d/*.toml
    begin
        enforcectl policies --no-legend --no-pager --no-ask-password 2>/dev/null | string replace -r ' .*' ''
        string replace -rf '.*/(.*)\.toml$' '$1' $files
    end | sort -u
end

function __enforcectl_units
    enforcectl units --no-legend --no-pager --no-ask-password 2>/dev/null | string replace -r ' .*' ''
end

set -l trials load unload mode permanent reload release
set -l verbs status units policies show check cat-config confirm revert events explain features $trials

function __enforcectl_verb -a verb text
    complete -c enforcectl -n "not __fish_seen_subcommand_from $argv[3..]" -a $verb -d $text
end

complete -c enforcectl -f
__enforcectl_verb status "Is it enforcing, and what not" $verbs
__enforcectl_verb units "List governed units" $verbs
__enforcectl_verb policies "List policies" $verbs
__enforcectl_verb show "All properties, for programs" $verbs
__enforcectl_verb check "Say what is wrong with policy files" $verbs
__enforcectl_verb cat-config "Show the files that policies are made of" $verbs
__enforcectl_verb load "Bring a policy into force until the next boot" $verbs
__enforcectl_verb unload "Lift a policy until the next boot" $verbs
__enforcectl_verb mode "Set the mode of a policy until the next boot" $verbs
__enforcectl_verb confirm "Keep the change on probation" $verbs
__enforcectl_verb revert "Undo the change on probation" $verbs
__enforcectl_verb release "Lift all that is in force" $verbs
__enforcectl_verb permanent "Keep what was changed of a policy" $verbs
__enforcectl_verb reload "Read the policy files anew" $verbs
__enforcectl_verb events "Show what was refused" $verbs
__enforcectl_verb explain "Say why something was refused" $verbs
__enforcectl_verb features "Show which hooks of this kernel work" $verbs

complete -c enforcectl -l json -xa "short pretty off" -d "Answer in JSON"
complete -c enforcectl -s j -d "Answer in JSON"
complete -c enforcectl -l no-pager -d "Do not page"
complete -c enforcectl -l no-legend -d "Leave out titles and hints"
complete -c enforcectl -s l -l full -d "Do not cut anything"
complete -c enforcectl -l no-ask-password -d "Do not ask for a password"
complete -c enforcectl -s h -l help -d "Show help"
complete -c enforcectl -n "not __fish_seen_subcommand_from $verbs" -l version -d "Show the version"

complete -c enforcectl -n "__fish_seen_subcommand_from $trials" -l timeout -xa "1min 5min 10min 1h" -d "Undo it after this time"
complete -c enforcectl -n "__fish_seen_subcommand_from $trials" -l hold -d "Undo it when this command is ended"
complete -c enforcectl -n "__fish_seen_subcommand_from load" -l name -xa "(__enforcectl_policies)" -d "What to call it"
complete -c enforcectl -n "__fish_seen_subcommand_from load check" -F
complete -c enforcectl -n "__fish_seen_subcommand_from check cat-config" -l root -xa "(__fish_complete_directories)" -d "Of the system below"
complete -c enforcectl -n "__fish_seen_subcommand_from check" -l running -d "Ask the daemon"
complete -c enforcectl -n "__fish_seen_subcommand_from show" -s p -l property -x -d "Only this property"
complete -c enforcectl -n "__fish_seen_subcommand_from show" -l value -d "Only the values"

complete -c enforcectl -n "__fish_seen_subcommand_from events explain" -s u -l unit -xa "(__enforcectl_units)" -d "Of this unit"
complete -c enforcectl -n "__fish_seen_subcommand_from events explain" -s p -l policy -xa "(__enforcectl_policies)" -d "Decided by this policy"
complete -c enforcectl -n "__fish_seen_subcommand_from events explain" -l rule -x -d "Decided by this rule"
complete -c enforcectl -n "__fish_seen_subcommand_from events explain" -l class -xa "file exec network capability kernel" -d "Of this class"
complete -c enforcectl -n "__fish_seen_subcommand_from events explain" -l verdict -xa "deny kill would-deny would-kill audit" -d "With this verdict"
complete -c enforcectl -n "__fish_seen_subcommand_from events explain" -s S -l since -xa "today yesterday -1h" -d "Not before this time"
complete -c enforcectl -n "__fish_seen_subcommand_from events explain" -s U -l until -xa "today yesterday -1h" -d "Not after this time"
complete -c enforcectl -n "__fish_seen_subcommand_from events explain" -s b -l boot -x -d "Of this boot"
complete -c enforcectl -n "__fish_seen_subcommand_from events" -s f -l follow -d "Go on with what happens"
complete -c enforcectl -n "__fish_seen_subcommand_from events" -s n -l lines -xa all -d "How many"
complete -c enforcectl -n "__fish_seen_subcommand_from events" -s r -l reverse -d "The newest first"
complete -c enforcectl -n "__fish_seen_subcommand_from events" -l after-cursor -x -d "Begin behind this event"
complete -c enforcectl -n "__fish_seen_subcommand_from events" -l ids -d "Show ids"

complete -c enforcectl -n "__fish_seen_subcommand_from status" -a "(__enforcectl_units)"
complete -c enforcectl -n "__fish_seen_subcommand_from show" -a "(__enforcectl_policies) (__enforcectl_units)"
complete -c enforcectl -n "__fish_seen_subcommand_from cat-config unload permanent mode" -a "(__enforcectl_policies)"
complete -c enforcectl -n "__fish_seen_subcommand_from mode" -a "enforce audit off default"
functions -e __enforcectl_verb
