// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/output/document.hpp"

namespace enforced::ctl {
namespace {

Document document_of(const Rule& rule) {
    return {{"id", rule.id},        {"policy", rule.policy}, {"key", rule.key},
            {"class", rule.class_}, {"action", rule.action}, {"text", rule.text},
            {"file", rule.file},    {"line", rule.line},     {"hits", rule.hits}};
}

Document document_of(const Shortfall& shortfall) {
    return {{"policy", shortfall.policy}, {"key", shortfall.key},   {"hook", shortfall.hook},
            {"reason", shortfall.reason}, {"file", shortfall.file}, {"line", shortfall.line}};
}

Document document_of(const Part& part) {
    return {{"policy", part.policy},
            {"part", part.part},
            {"state", part.state},
            {"hook", part.hook},
            {"reason", part.reason}};
}

/// `remark`: what the remark is called.
Document parties_of(const std::vector<Party>& parties, const char* remark) {
    Document array = Document::array();
    for (const Party& each : parties)
        array.push_back({{"policy", each.policy},
                         {"key", each.key},
                         {"text", each.text},
                         {"file", each.file},
                         {"line", each.line},
                         {remark, each.remark}});
    return array;
}

Document document_of(const Remedy& remedy) {
    return {{"kind", remedy.kind},         {"policy", remedy.policy}, {"file", remedy.file},
            {"original", remedy.original}, {"line", remedy.line},     {"text", remedy.text}};
}

template<class T>
Document array_of(const std::vector<T>& all) {
    Document array = Document::array();
    for (const T& each : all)
        array.push_back(document_of(each));
    return array;
}

Document counters_of(const std::map<std::string, std::uint64_t>& counters) {
    Document object = Document::object();
    for (const auto& [name, count] : counters)
        object[json_key(name)] = count;
    return object;
}

void add_known(Document& object, const char* key, const std::string& value) {
    if (!value.empty())
        object[key] = value;
}

template<class Number>
void add_known(Document& object, const char* key, const Number& value) {
    if (value)
        object[key] = value;
}

template<class T>
void add_known(Document& object, const char* key, const std::optional<T>& value) {
    if (value)
        object[key] = *value;
}

} // namespace

Document document_of(const Fault& fault) {
    return {{"severity", fault.severity},
            {"file", fault.file},
            {"line", fault.line},
            {"column", fault.column},
            {"message", fault.message}};
}

Document document_of(const Feature& feature) {
    return {{"hook", feature.hook}, {"state", feature.state}, {"reason", feature.reason}};
}

Document document_of(const Probation& probation) {
    Document object = {{"id", probation.id}, {"verb", probation.verb}, {"policy", probation.policy}};
    add_known(object, "mode", probation.mode);
    object["uid"] = probation.uid;
    object["keep"] = probation.keep;
    object["timeout_usec"] = probation.timeout;
    object["remaining_usec"] = probation.remaining;
    return object;
}

Document document_of(const ManagerState& manager) {
    return {{"version", manager.version},
            {"state", manager.state},
            {"status", manager.status},
            {"generation", manager.generation},
            {"features", documents_of(manager.features)},
            {"counters", counters_of(manager.counters)},
            {"diagnostics", array_of(manager.diagnostics)},
            {"not_in_force", array_of(manager.not_in_force)},
            {"weaknesses", manager.weaknesses},
            {"probation", manager.probation ? document_of(*manager.probation) : Document(nullptr)}};
}

Document document_of(const PolicyState& policy) {
    return {{"name", policy.name},
            {"description", policy.description},
            {"files", policy.files},
            {"layer", policy.layer},
            {"mode", policy.mode},
            {"runtime_mode", policy.runtime_mode},
            {"on_unsupported", policy.on_unsupported},
            {"state", policy.state},
            {"units", policy.units},
            {"user_units", policy.user_units},
            {"users", policy.users},
            {"release_to", policy.release_to},
            {"governed_units", policy.governed_units},
            {"rules", array_of(policy.rules)},
            {"not_in_force", array_of(policy.not_in_force)},
            {"text", policy.text}};
}

Document document_of(const UnitState& unit) {
    return {{"name", unit.name},
            {"control_group", unit.control_group},
            {"control_group_id", unit.control_group_id},
            {"invocation_id", unit.invocation_id},
            {"policies", unit.policies},
            {"mode", unit.mode},
            {"rules", array_of(unit.rules)},
            {"hits", counters_of(unit.hits)},
            {"coverage", array_of(unit.coverage)}};
}

Document document_of(const Event& event) {
    Document object = Document::object();
    add_known(object, "cursor", event.cursor);
    add_known(object, "id", event.id);
    add_known(object, "time_usec", event.time);
    add_known(object, "boot", event.boot);
    add_known(object, "message", event.message);
    add_known(object, "unit", event.unit);
    add_known(object, "cgroup", event.cgroup);
    add_known(object, "policy", event.policy);
    add_known(object, "rule", event.rule);
    object["rule_id"] = event.rule_id;
    add_known(object, "text", event.text);
    add_known(object, "file", event.file);
    add_known(object, "line", event.line);
    add_known(object, "class", event.class_);
    add_known(object, "verdict", event.verdict);
    add_known(object, "operation", event.operation);
    add_known(object, "object", event.object);
    add_known(object, "flags", event.flags);
    add_known(object, "count", event.count);
    add_known(object, "pid", event.pid);
    add_known(object, "uid", event.uid);
    add_known(object, "gid", event.gid);
    add_known(object, "comm", event.comm);
    add_known(object, "exe", event.exe);
    add_known(object, "inode", event.inode);
    add_known(object, "device", event.device);
    return object;
}

Document document_of(const Explanation& explanation) {
    Document object = {{"event", document_of(explanation.event)}};
    add_known(object, "policy", explanation.policy);
    add_known(object, "rule", explanation.rule);
    add_known(object, "text", explanation.text);
    add_known(object, "file", explanation.file);
    add_known(object, "line", explanation.line);
    add_known(object, "still", explanation.still);
    object["governed_by"] = explanation.governed_by;
    object["refused_by"] = parties_of(explanation.refused_by, "verdict");
    object["allowed_by"] = parties_of(explanation.allowed_by, "why");
    object["changes"] = array_of(explanation.changes);
    add_known(object, "beyond", explanation.beyond);
    add_known(object, "obstacle", explanation.obstacle);
    return object;
}

} // namespace enforced::ctl
