// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/event.hpp"

namespace enforced::ctl {
namespace {

using AllowerTuple = sdbus::Struct<std::string, std::string, std::string, std::string, std::uint32_t>;

template<class T>
void read(const Properties& members, const char* name, T& value) {
    const auto found = members.find(name);
    if (found != members.end())
        value = found->second.get<T>();
}

template<class T>
void read(const Properties& members, const char* name, std::optional<T>& value) {
    const auto found = members.find(name);
    if (found != members.end())
        value = found->second.get<T>();
}

} // namespace

Event read_event(const Properties& members) {
    Event event;
    read(members, "cursor", event.cursor);
    read(members, "time-usec", event.time);
    read(members, "boot", event.boot);
    read(members, "message", event.message);
    read(members, "unit", event.unit);
    read(members, "policy", event.policy);
    read(members, "rule", event.rule);
    read(members, "rule-id", event.rule_id);
    read(members, "text", event.text);
    read(members, "file", event.file);
    read(members, "line", event.line);
    read(members, "class", event.class_);
    read(members, "verdict", event.verdict);
    read(members, "operation", event.operation);
    read(members, "object", event.object);
    read(members, "count", event.count);
    read(members, "pid", event.pid);
    read(members, "uid", event.uid);
    read(members, "gid", event.gid);
    read(members, "comm", event.comm);
    read(members, "exe", event.exe);
    read(members, "inode", event.inode);
    read(members, "device", event.device);
    return event;
}

Explanation read_explanation(const Properties& members) {
    Explanation explanation;
    Properties event;
    std::vector<AllowerTuple> allowed_by;
    read(members, "event", event);
    explanation.event = read_event(event);
    read(members, "policy", explanation.policy);
    read(members, "rule", explanation.rule);
    read(members, "text", explanation.text);
    read(members, "file", explanation.file);
    read(members, "line", explanation.line);
    read(members, "allowed-by", allowed_by);
    for (const std::tuple<std::string, std::string, std::string, std::string, std::uint32_t>& each :
         allowed_by)
        explanation.allowed_by.push_back(
            std::apply([](const auto&... parts) { return Allower{parts...}; }, each));
    read(members, "addition", explanation.addition);
    read(members, "obstacle", explanation.obstacle);
    read(members, "still", explanation.still);
    return explanation;
}

} // namespace enforced::ctl
