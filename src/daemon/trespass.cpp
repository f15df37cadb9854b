// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/trespass.hpp"

#include <fmt/format.h>

#include "daemon/deed.hpp"

namespace enforced::daemon {
namespace {

std::string_view limited(std::uint32_t what) {
    switch (what) {
    case ENFORCED_LIMITS_RESOURCE:
        return "resources";
    case ENFORCED_LIMITS_NICE:
    case ENFORCED_LIMITS_SCHEDULER:
        return "processor time";
    case ENFORCED_LIMITS_IO:
        return "disk time";
    default:
        return "memory";
    }
}

std::string_view reached(std::uint32_t what) {
    switch (what) {
    case 0:
        return "a map";
    case 1:
        return "a program";
    default:
        return "a link";
    }
}

} // namespace

plan::Rule self_protection_rule() {
    plan::Rule rule;
    rule.key = self_protection;
    rule.class_ = self_protection;
    rule.action = "deny";
    rule.text = "governed units do not touch enforced itself";
    return rule;
}

TrespassVerb trespass_verb(std::uint32_t operation) {
    switch (operation) {
    case ENFORCED_OP_SELF_SIGNAL:
        return {"daemon-signal", "send enforced", "sent enforced"};
    case ENFORCED_OP_SELF_TRACE:
        return {"daemon-trace", "take over the process", "took over the process"};
    case ENFORCED_OP_SELF_LIMIT:
        return {"daemon-limit", "set enforced limits to its", "set enforced limits to its"};
    case ENFORCED_OP_SELF_PROCESS:
        return {"daemon-process", "write to the file of enforced's process",
                "wrote to the file of enforced's process"};
    case ENFORCED_OP_SELF_CGROUP:
        return {"daemon-cgroup", "write to the file of enforced's control group",
                "wrote to the file of enforced's control group"};
    case ENFORCED_OP_SELF_BPF:
        return {"daemon-bpf", "get hold of what enforced has in the kernel:",
                "got hold of what enforced has in the kernel:"};
    case ENFORCED_OP_SELF_CHANGE:
        return {"daemon-change", "change what is enforced's:", "changed what is enforced's:"};
    case ENFORCED_OP_SELF_LOCK:
        return {"daemon-lock", "lock, or have enforced wait for:", "locked, or had enforced wait for:"};
    case ENFORCED_OP_SELF_MOUNT:
        return {"daemon-mount", "mount or unmount on the way to what is enforced's:",
                "mounted or unmounted on the way to what is enforced's:"};
    default:
        return {"daemon", "do something to enforced:", "did something to enforced:"};
    }
}

std::string trespass_object(const enforced_event& event, std::string text) {
    switch (event.operation) {
    case ENFORCED_OP_SELF_SIGNAL:
        return signal_name(event.number);
    case ENFORCED_OP_SELF_LIMIT:
        return std::string(limited(event.number));
    case ENFORCED_OP_SELF_BPF:
        return std::string(reached(event.number));
    default:
        return text;
    }
}

} // namespace enforced::daemon
