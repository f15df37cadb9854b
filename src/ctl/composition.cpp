// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/composition.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace enforced::ctl {
namespace {

using policy::Source;

/// The one that counts; the others are overruled.
Source choose(std::vector<Source> sources, std::vector<Source>& overruled) {
    std::ranges::stable_sort(sources, std::greater(), &Source::rank);
    Source first = std::move(sources.front());
    std::move(sources.begin() + 1, sources.end(), std::back_inserter(overruled));
    return first;
}

struct Files {
    std::vector<Source> files;                             // of the policy
    std::map<std::string, std::vector<Source>> amendments; // by basename
};

} // namespace

std::vector<Composition> compose(std::vector<Source> sources) {
    std::map<std::string, Files> policies; // by basename
    for (auto& source : sources) {
        if (source.amends.empty())
            policies[source.basename].files.push_back(std::move(source));
        else
            policies[source.amends].amendments[source.basename].push_back(std::move(source));
    }
    std::vector<Composition> compositions;
    for (auto& [basename, found] : policies) {
        Composition composition;
        composition.name = basename.substr(0, basename.rfind('.'));
        if (!found.files.empty())
            composition.file = choose(std::move(found.files), composition.overruled);
        for (auto& [name, amendments] : found.amendments)
            composition.amendments.push_back(choose(std::move(amendments), composition.overruled));
        compositions.push_back(std::move(composition));
    }
    return compositions;
}

} // namespace enforced::ctl
