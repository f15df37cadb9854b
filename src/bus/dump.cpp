// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/dump.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <nlohmann/json.hpp>

#include "bus/names.hpp"

namespace enforced::bus {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Rule& rule) {
    return {{"id", rule.id},         {"policy", rule.policy}, {"key", rule.key},   {"class", rule.class_},
            {"action", rule.action}, {"text", rule.text},     {"file", rule.file}, {"line", rule.line}};
}

Json json_of(const Gap& gap) {
    return {{"policy", gap.policy}, {"key", gap.key},   {"needs", gap.needs},
            {"reason", gap.reason}, {"file", gap.file}, {"line", gap.line}};
}

Json json_of(const Coverage& coverage) {
    return {{"policy", coverage.policy},
            {"part", coverage.part},
            {"state", coverage.state},
            {"needs", coverage.needs},
            {"reason", coverage.reason}};
}

Json json_of(const Hit& hit) {
    return {{"unit", hit.unit}, {"rule", hit.rule}, {"verdict", hit.verdict}, {"count", hit.count}};
}

Json json_of(const Feature& feature) {
    return {{"name", feature.name}, {"state", feature.state}, {"reason", feature.reason}};
}

Json json_of(const policy::Diagnostic& diagnostic) {
    return policy::render(diagnostic);
}

template<class T>
Json json_of(const std::vector<T>& values) {
    Json list = Json::array();
    for (const T& value : values)
        list.push_back(json_of(value));
    return list;
}

Json json_of(const Policy& policy) {
    return {{"name", policy.name},
            {"description", policy.description},
            {"files", policy.files},
            {"layer", policy.layer},
            {"mode", policy.mode},
            {"runtime-mode", policy.runtime_mode},
            {"on-unsupported", policy.on_unsupported},
            {"state", policy.state},
            {"units", policy.units},
            {"user-units", policy.user_units},
            {"users", policy.users},
            {"release-to", policy.release_to},
            {"rules", json_of(policy.rules)},
            {"not-in-force", json_of(policy.gaps)},
            {"text", policy.text}};
}

Json json_of(const Unit& unit) {
    return {{"name", unit.name},
            {"control-group", unit.cgroup},
            {"control-group-id", unit.cgroup_id},
            {"invocation", unit.invocation},
            {"policies", unit.policies},
            {"mode", unit.mode},
            {"coverage", json_of(unit.coverage)}};
}

Json json_of(const Probation& probation) {
    return {{"id", probation.id},
            {"verb", name_of(probation.change.verb)},
            {"policy", probation.change.policy},
            {"mode", probation.change.mode},
            {"uid", probation.maker.uid},
            {"sender", probation.maker.name},
            {"keep", probation.terms.keep},
            {"deadline-usec", probation.deadline}};
}

template<class T>
Json list_of(const std::map<std::string, T>& values) {
    Json list = Json::array();
    for (const auto& [name, value] : values)
        list.push_back(json_of(value));
    return list;
}

std::string text_of(const View& view, const std::map<std::string, std::uint64_t>& counters,
                    const std::vector<Hit>& hits) {
    const Json state = {{"version", view.version},
                        {"state", view.state},
                        {"status", view.status},
                        {"generation", view.generation},
                        {"probation", view.probation ? json_of(*view.probation) : Json()},
                        {"policies", list_of(view.policies)},
                        {"units", list_of(view.units)},
                        {"hits", json_of(hits)},
                        {"counters", counters},
                        {"not-in-force", json_of(view.gaps)},
                        {"diagnostics", json_of(view.diagnostics)},
                        {"features", json_of(view.features)}};
    // A path may hold any bytes; JSON may not.
    return state.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Answer<Fd> failed(const char* what) {
    return fault(error::failed, std::string(what) + ": " + std::strerror(errno));
}

} // namespace

Answer<Fd> dump(const View& view, const std::map<std::string, std::uint64_t>& counters,
                const std::vector<Hit>& hits) {
    const std::string text = text_of(view, counters, hits);
    Fd file(memfd_create("enforced-state", MFD_CLOEXEC | MFD_ALLOW_SEALING));

    if (!file)
        return failed("make a memory file");
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t size = write(file.get(), text.data() + done, text.size() - done);
        if (size < 0 && errno != EINTR)
            return failed("write to a memory file");
        done += size < 0 ? 0 : static_cast<std::size_t>(size);
    }
    // Who gets it can neither change nor shorten what others may have been given.
    if (fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0 ||
        lseek(file.get(), 0, SEEK_SET) < 0)
        return failed("seal a memory file");
    return file;
}

} // namespace enforced::bus
