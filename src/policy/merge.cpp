// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/merge.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/quote.hpp"
#include "policy/check.hpp"
#include "policy/parse.hpp"

namespace enforced::policy {
namespace {

/// The file that counts of each name.
using Files = std::map<std::string, const Source*>;

void add(Files& files, const Source& source) {
    auto& file = files[source.basename];
    if (file == nullptr || source.rank > file->rank)
        file = &source;
}

bool masks(const Source& source) {
    return source.fault.empty() && (source.masked || source.text.empty());
}

void complain(Diagnostics& diagnostics, const std::string& file, std::string message) {
    diagnostics.push_back({Diagnostic::Severity::error, {file, 0, 0}, std::move(message)});
}

void read(const Source& source, Policy& policy, Diagnostics& diagnostics) {
    if (!source.fault.empty())
        complain(diagnostics, source.path, source.fault);
    else
        parse(source.text, source.path, policy, diagnostics);
}

/// One policy with its amendments. Whole only if `diagnostics` has no errors then.
Policy compose(const Source& source, const Files& amendments, Diagnostics& diagnostics) {
    Policy policy;
    policy.at = {source.path, 1, 1};
    if (!source.fault.empty()) {
        complain(diagnostics, source.path, source.fault);
        return policy;
    }
    if (auto name = policy_name(source.basename))
        policy.name = std::move(*name);
    else
        complain(diagnostics, source.path, name.error().message);
    read(source, policy, diagnostics);
    for (const auto& [basename, amendment] : amendments) {
        if (!masks(*amendment))
            read(*amendment, policy, diagnostics);
    }
    if (!has_errors(diagnostics)) // what is missing may stand where a fault is
        std::ranges::move(check(policy), std::back_inserter(diagnostics));
    return policy;
}

void sort(Diagnostics& diagnostics) {
    std::ranges::stable_sort(diagnostics, {}, [](const Diagnostic& each) {
        return std::tie(each.at.file, each.at.line, each.at.column);
    });
}

} // namespace

Merged merge(std::vector<Source> sources) {
    Files policies;
    std::map<std::string, Files> amendments;
    for (const auto& source : sources)
        add(source.amends.empty() ? policies : amendments[source.amends], source);

    Merged merged;
    for (const auto& [basename, source] : policies) {
        if (masks(*source))
            continue;
        Diagnostics found;
        auto policy = compose(*source, amendments[basename], found);
        if (!has_errors(found))
            merged.policies.push_back(std::move(policy));
        std::ranges::move(found, std::back_inserter(merged.diagnostics));
    }
    for (const auto& [amended, files] : amendments) {
        for (const auto& [basename, file] : files) {
            if (!policies.contains(amended) && !masks(*file))
                complain(merged.diagnostics, file->path,
                         "there is no policy " + quote(amended) + " to amend");
        }
    }
    sort(merged.diagnostics);
    return merged;
}

std::vector<const Source*> parts_of(const std::vector<Source>& sources, const std::string& basename) {
    Files policies, amendments;
    for (const auto& source : sources) {
        if (source.amends == basename)
            add(amendments, source);
        else if (source.amends.empty() && source.basename == basename)
            add(policies, source);
    }
    std::vector<const Source*> parts;
    if (policies.empty() || masks(*policies.begin()->second))
        return parts;
    parts.push_back(policies.begin()->second);
    for (const auto& [name, amendment] : amendments) {
        if (!masks(*amendment))
            parts.push_back(amendment);
    }
    return parts;
}

std::vector<Source> without_faulty(std::vector<Source> sources, const Merged& merged) {
    Files policies;
    std::set<std::string> kept;
    for (const auto& source : sources) {
        if (source.amends.empty())
            add(policies, source);
    }
    for (const auto& [basename, source] : policies) {
        if (masks(*source))
            kept.insert(basename);
    }
    for (const auto& policy : merged.policies)
        kept.insert(policy.name + ".toml");
    std::erase_if(sources, [&](const Source& source) {
        return !kept.contains(source.amends.empty() ? source.basename : source.amends);
    });
    return sources;
}

} // namespace enforced::policy
