// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/objects.hpp"

#include <algorithm>
#include <set>

#include "plan/heads.hpp"

namespace enforced::plan {
namespace {

std::vector<const policy::Glob*> refused_globs(const Member& member) {
    std::vector<const policy::Glob*> globs;
    if (member.parts.file)
        for (const auto& rule : member.policy->file->rules)
            if ((rule.action == policy::Action::deny || rule.action == policy::Action::kill) &&
                rule.access & member.parts.accesses)
                for (const auto& glob : rule.path)
                    globs.push_back(&glob);
    if (member.parts.exec)
        for (const auto& glob : member.policy->exec->deny)
            globs.push_back(&glob);
    if (member.parts.unix_)
        for (const auto& glob : member.policy->network->unix_.deny)
            if (glob.text.starts_with('/')) // an abstract socket is nowhere in the file system
                globs.push_back(&glob);
    return globs;
}

/// Whether the tree is within another one of these.
bool covered(const std::set<std::string>& trees, std::string tree) {
    while (tree != "/") {
        tree = directory_of(tree);
        if (trees.contains(tree))
            return true;
    }
    return false;
}

} // namespace

Objects objects_of(std::span<const Member> members) {
    std::set<std::string> anchors;
    std::set<std::string> trees;
    for (const auto& member : members)
        for (const auto* glob : refused_globs(member)) {
            const Heads found = heads(*policy::parse_glob(glob->text));
            anchors.insert(found.names.begin(), found.names.end());
            anchors.insert(found.trees.begin(), found.trees.end());
            trees.insert(found.trees.begin(), found.trees.end());
            // What has the name may be replaced by another file: the directory knows it by its name.
            for (const auto& name : found.names)
                anchors.insert(directory_of(name));
        }

    Objects objects{{anchors.begin(), anchors.end()}, {}};
    std::ranges::copy_if(trees, std::back_inserter(objects.scans),
                         [&](const auto& tree) { return !covered(trees, tree); });
    return objects;
}

} // namespace enforced::plan
