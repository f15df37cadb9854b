// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/refusal.hpp"

#include <sys/sysmacros.h>
#include <systemd/sd-id128.h>

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/quote.hpp"
#include "daemon/deed.hpp"
#include "daemon/message.hpp"
#include "daemon/trespass.hpp"
#include "host/cgroup.hpp"
#include "plan/attempt.hpp"
#include "plan/manager.hpp"
#include "policy/kernel.hpp"

namespace enforced::daemon {
namespace {

struct Verb {
    std::string_view name; // in ENFORCED_OPERATION
    std::string_view does; // "may not DOES OBJECT"
};

Verb verb_of(std::uint32_t operation) {
    if (operation >= ENFORCED_OP_SELF) {
        const TrespassVerb verb = trespass_verb(operation);
        return {verb.name, verb.does};
    }
    const std::uint32_t key = operation - ENFORCED_OP_KERNEL(0);
    if (operation >= ENFORCED_OP_KERNEL(0) && key < policy::kernel_names.size())
        return {policy::kernel_names[key], deed_verb(key)};
    switch (operation) {
    case ENFORCED_OP_READ:
        return {"read", "read"};
    case ENFORCED_OP_WRITE:
        return {"write", "write"};
    case ENFORCED_OP_CREATE:
        return {"create", "create"};
    case ENFORCED_OP_DELETE:
        return {"delete", "delete"};
    case ENFORCED_OP_RENAME:
        return {"rename", "rename"};
    case ENFORCED_OP_LINK:
        return {"link", "link"};
    case ENFORCED_OP_ATTR:
        return {"attr", "change attributes of"};
    case ENFORCED_OP_MOUNT:
        return {"mount", "mount or unmount"};
    case ENFORCED_OP_CHROOT:
        return {"chroot", "change its root to"};
    case ENFORCED_OP_RUN:
        return {"run", "run"};
    case ENFORCED_OP_MAP:
        return {"map", "map as code"};
    case ENFORCED_OP_ANONYMOUS:
        return {"anonymous", "run what has no name:"};
    case ENFORCED_OP_WRITABLE_MEMORY:
        return {"writable-memory", "run memory that was written:"};
    case ENFORCED_OP_FAMILY:
        return {"family", "make a socket:"};
    case ENFORCED_OP_CONNECT:
        return {"connect", "connect to"};
    case ENFORCED_OP_BIND:
        return {"bind", "bind"};
    case ENFORCED_OP_ACCEPT:
        return {"accept", "accept a connection from"};
    case ENFORCED_OP_UNIX:
        return {"unix", "connect or send to the local socket"};
    case ENFORCED_OP_CAPABILITY:
        return {"capability", "use the capability"};
    default:
        return {"", "do something"};
    }
}

std::string_view class_name(std::uint32_t class_) {
    switch (class_) {
    case ENFORCED_CLASS_FILE:
        return "file";
    case ENFORCED_CLASS_EXEC:
        return "exec";
    case ENFORCED_CLASS_NETWORK:
        return "network";
    case ENFORCED_CLASS_CAPABILITY:
        return "capability";
    case ENFORCED_CLASS_KERNEL:
        return "kernel";
    case ENFORCED_CLASS_SELF:
        return self_protection;
    default:
        return "";
    }
}

struct Kind {
    const char* id;
    int priority;
    std::string_view action; // ENFORCED_ACTION
    std::string_view says;   // how the message begins
};

/// What is done to the daemon is told of in entries of their own, which no policy's files explain.
Kind kind_of_trespass(std::uint32_t verdict) {
    switch (verdict) {
    case ENFORCED_DENY:
        return {message::trespass_refused, LOG_WARNING, "deny", "refused: "};
    case ENFORCED_WOULD_DENY:
        return {message::trespass_seen, LOG_NOTICE, "would-deny", "would be refused: "};
    default:
        return {message::trespass_seen, LOG_NOTICE, "audit", ""};
    }
}

Kind kind_of(const Occurrence& occurrence) {
    if (!occurrence.rule)
        return kind_of_trespass(occurrence.verdict);
    switch (occurrence.verdict) {
    case ENFORCED_KILL:
        return {message::refused, LOG_WARNING, "kill", "killed: "};
    case ENFORCED_DENY:
        return {message::refused, LOG_WARNING, "deny", "refused: "};
    case ENFORCED_WOULD_KILL:
        return {message::would_refuse, LOG_NOTICE, "would-kill", "would be killed: "};
    case ENFORCED_WOULD_DENY:
        return {message::would_refuse, LOG_NOTICE, "would-deny", "would be refused: "};
    default:
        return {message::reported, LOG_NOTICE, "audit", "permitted and reported: "};
    }
}

std::string actor(const Occurrence& occurrence, const std::string& unit) {
    if (occurrence.detailed && occurrence.pid != 0)
        return fmt::format("{}[{}]", printable(occurrence.comm), occurrence.pid);
    return unit.empty() ? "a unit that is gone" : printable(unit);
}

std::string object_text(const Occurrence& occurrence) {
    if (!occurrence.detailed)
        return "something (the record of what it was is lost)";
    const std::string cut = occurrence.flags & ENFORCED_EVENT_OBJECT_CUT ? "..." : "";
    std::string text = occurrence.object.empty() ? "what has no name" : cut + printable(occurrence.object);
    if (occurrence.flags & ENFORCED_EVENT_UNRESOLVED)
        text += " (a name that does not lead to the unit's root)";
    else if (occurrence.flags & ENFORCED_EVENT_BY_IDENTITY)
        text += " (which the rule names elsewhere)";
    else if (occurrence.flags & ENFORCED_EVENT_USER_NAMESPACE)
        text += " (in a user namespace)";
    return text;
}

std::string source_text(const std::optional<plan::Rule>& rule) {
    if (rule && rule->policy.empty())
        return fmt::format("{}: {}", rule->key, rule->text);
    if (!rule)
        return "by a rule of a policy that is no longer there";
    if (!rule->at.line)
        return fmt::format("policy {}: {}", printable(rule->policy), printable(rule->text));
    return fmt::format("policy {}, {}:{}: {}", printable(rule->policy), printable(rule->at.file),
                       rule->at.line, printable(rule->text));
}

std::string message_text(const Occurrence& occurrence, std::uint64_t count,
                         const std::optional<plan::Rule>& rule, const std::string& unit) {
    const bool is_refusal = occurrence.verdict >= ENFORCED_WOULD_DENY;
    if (!occurrence.unit && !occurrence.rule) // who is governed by nothing, and may do it
        return fmt::format("{}, which no policy governs, {} {}{}", actor(occurrence, unit),
                           trespass_verb(occurrence.operation).did, object_text(occurrence),
                           count > 1 ? fmt::format(" [{} times]", count) : "");
    std::string text = fmt::format("{}{} {} {} {} ({})", kind_of(occurrence).says, actor(occurrence, unit),
                                   is_refusal ? "may not" : "did", verb_of(occurrence.operation).does,
                                   object_text(occurrence), source_text(rule));

    if (count > 1)
        text += fmt::format(" [{} times]", count);
    return text;
}

/// "1000" of "user@1000.service"
std::string_view owner_of(std::string_view manager) {
    const std::size_t begin = manager.find('@') + 1;
    return manager.substr(begin, manager.rfind('.') - begin);
}

std::string new_id() {
    sd_id128_t id = {};
    char text[SD_ID128_STRING_MAX];

    sd_id128_randomize(&id);
    return sd_id128_to_string(id, text);
}

} // namespace

Entry refusal_entry(const Occurrence& occurrence, std::uint64_t count, const std::optional<plan::Rule>& rule,
                    const std::string& cgroup) {
    // Of a unit of a user's, the unit of PID 1's is the manager that has made it.
    const std::size_t users = plan::user_offset(cgroup);
    const std::string unit(host::unit_name(users ? std::string_view(cgroup).substr(0, users) : cgroup));
    const Kind kind = kind_of(occurrence);
    Entry entry(kind.priority, kind.id, message_text(occurrence, count, rule, unit));

    // Not OBJECT_PID: journald would look at the process itself, which may be elsewhere, or another, by now.
    if (!unit.empty())
        entry.add("OBJECT_SYSTEMD_UNIT", unit).add("OBJECT_SYSTEMD_CGROUP", cgroup);
    if (users)
        entry.add("OBJECT_SYSTEMD_USER_UNIT", host::unit_name(cgroup))
            .add("OBJECT_SYSTEMD_OWNER_UID", owner_of(unit));
    entry.add("ENFORCED_EVENT", new_id());
    if (rule) {
        if (!rule->policy.empty())
            entry.add("ENFORCED_POLICY", rule->policy);
        entry.add("ENFORCED_RULE", rule->key);
        entry.add("ENFORCED_RULE_TEXT", rule->text);
        if (rule->at.line)
            entry.add("ENFORCED_FILE", rule->at.file).add("ENFORCED_LINE", rule->at.line);
    }
    entry.add("ENFORCED_RULE_ID", occurrence.rule).add("ENFORCED_ACTION", kind.action);
    entry.add("ENFORCED_CLASS", rule ? rule->class_ : class_name(occurrence.class_));
    entry.add("ENFORCED_COUNT", count);
    if (occurrence.operation)
        entry.add("ENFORCED_OPERATION", verb_of(occurrence.operation).name);
    if (!occurrence.detailed)
        return entry;
    entry.add("ENFORCED_OBJECT", occurrence.object);
    if (const std::string flags = plan::flag_words(occurrence.flags); !flags.empty())
        entry.add("ENFORCED_FLAGS", flags);
    if (occurrence.pid == 0) // a packet, that no process was at
        return entry;
    entry.add("ENFORCED_PID", occurrence.pid).add("ENFORCED_UID", occurrence.uid);
    entry.add("ENFORCED_GID", occurrence.gid);
    entry.add("ENFORCED_COMM", occurrence.comm).add("ENFORCED_EXE", occurrence.exe);
    if (occurrence.inode) {
        entry.add("ENFORCED_INODE", occurrence.inode);
        entry.add("ENFORCED_DEVICE",
                  fmt::format("{}:{}", occurrence.device >> 20, occurrence.device & 0xfffff));
    }
    return entry;
}

} // namespace enforced::daemon
