// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/anchors.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "host/linkscan.hpp"
#include "host/object.hpp"
#include "plan/evaluate.hpp"

namespace enforced::daemon {
namespace {

bool refused_by_identity(const plan::Evaluator& evaluator, std::uint32_t set, const std::string& path) {
    for (int access = 0; access < ENFORCED_ACCESS_COUNT; access++) {
        if (evaluator.by_identity(set, path, static_cast<enforced_access>(access)).verdict != ENFORCED_ALLOW)
            return true;
    }
    return false;
}

/// The sets that want a tree walked, by its root. A tree below one that is walked for the same set is left
/// out.
std::map<std::string, std::vector<std::uint32_t>> collect_scans(const plan::Plan& plan) {
    std::map<std::string, std::vector<std::uint32_t>> scans;

    for (std::uint32_t set = 0; set < plan.sets.size(); set++) {
        std::set<std::string> roots;
        for (const plan::LinkScan& scan : plan.sets[set].scans)
            roots.insert(scan.root);
        for (const std::string& root : roots) {
            const bool covered = std::ranges::any_of(roots, [&](const std::string& above) {
                return root != above && (above == "/" || root.starts_with(above + "/"));
            });
            if (!covered)
                scans[root].push_back(set);
        }
    }
    return scans;
}

} // namespace

std::vector<std::string> anchor_paths(const plan::Plan& plan) {
    std::set<std::string> paths;

    for (const plan::Set& set : plan.sets) {
        for (const plan::Anchor& anchor : set.anchors)
            paths.insert(anchor.path);
    }
    return {paths.begin(), paths.end()};
}

std::vector<kernel::Identity> find_anchors(const plan::Plan& plan, const std::vector<host::Mount>& mounts) {
    std::vector<kernel::Identity> found;

    for (std::uint32_t set = 0; set < plan.sets.size(); set++) {
        for (const plan::Anchor& anchor : plan.sets[set].anchors) {
            if (const auto object = host::find_object(anchor.path, mounts))
                found.push_back({set, object->device, object->inode, anchor.state});
        }
    }
    return found;
}

FoundAnchors scan_for_links(const plan::Plan& plan, const std::vector<host::Mount>& mounts) {
    const plan::Evaluator evaluator(plan);
    std::size_t budget = host::max_scanned_entries;
    FoundAnchors found;

    for (const auto& [root, sets] : collect_scans(plan)) {
        const auto visit = [&](const std::string& path, const host::Object& object) {
            for (const std::uint32_t set : sets) {
                if (refused_by_identity(evaluator, set, path))
                    found.identities.push_back(
                        {set, object.device, object.inode, evaluator.state(set, path)});
            }
        };
        if (!host::scan_links(root, mounts, budget, visit))
            found.unfinished.push_back(root);
    }
    return found;
}

} // namespace enforced::daemon
