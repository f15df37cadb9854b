// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/event.hpp"

namespace enforced::ctl {
namespace {

using Tuple = sdbus::Struct<std::string, std::string, std::string, std::string, std::uint32_t, std::string>;

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

/// Parties and remedies have members of the same types.
template<class T>
void read_all(const Properties& members, const char* name, std::vector<T>& all) {
    std::vector<Tuple> tuples;
    read(members, name, tuples);
    for (const Tuple& each : tuples)
        all.push_back({std::get<0>(each), std::get<1>(each), std::get<2>(each), std::get<3>(each),
                       std::get<4>(each), std::get<5>(each)});
}

} // namespace

Event read_event(const Properties& members) {
    Event event;
    read(members, "cursor", event.cursor);
    read(members, "id", event.id);
    read(members, "time-usec", event.time);
    read(members, "boot", event.boot);
    read(members, "message", event.message);
    read(members, "unit", event.unit);
    read(members, "cgroup", event.cgroup);
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
    read(members, "flags", event.flags);
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
    read(members, "event", event);
    explanation.event = read_event(event);
    read(members, "policy", explanation.policy);
    read(members, "rule", explanation.rule);
    read(members, "text", explanation.text);
    read(members, "file", explanation.file);
    read(members, "line", explanation.line);
    read(members, "still", explanation.still);
    read(members, "governed-by", explanation.governed_by);
    read_all(members, "refused-by", explanation.refused_by);
    read_all(members, "allowed-by", explanation.allowed_by);
    read_all(members, "changes", explanation.changes);
    read(members, "beyond", explanation.beyond);
    read(members, "obstacle", explanation.obstacle);
    return explanation;
}

} // namespace enforced::ctl
