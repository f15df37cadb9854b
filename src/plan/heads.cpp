// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/heads.hpp"

#include <algorithm>

namespace enforced::plan {
namespace {

/// Texts that a glob can begin with; an open one has no wildcard yet and goes on.
struct Texts {
    std::vector<std::string> open{{}};
    std::vector<std::string> closed;
};

void close(Texts& texts) {
    texts.closed.insert(texts.closed.end(), texts.open.begin(), texts.open.end());
    texts.open.clear();
}

Texts follow(Texts texts, const policy::GlobSequence& glob) {
    for (const auto& node : glob) {
        if (const auto* byte = std::get_if<policy::GlobByte>(&node.is)) {
            for (auto& text : texts.open)
                text += static_cast<char>(byte->value);
        } else if (const auto* alternatives = std::get_if<policy::GlobAlternatives>(&node.is)) {
            Texts grown{{}, texts.closed};
            for (const auto& branch : alternatives->branches) {
                auto one = follow({texts.open, {}}, branch);
                std::ranges::move(one.open, std::back_inserter(grown.open));
                std::ranges::move(one.closed, std::back_inserter(grown.closed));
            }
            if (grown.open.size() + grown.closed.size() > max_heads)
                close(texts);
            else
                texts = std::move(grown);
        } else {
            close(texts);
        }
        if (texts.open.empty())
            break;
    }
    return texts;
}

void sort(std::vector<std::string>& paths) {
    std::ranges::sort(paths);
    paths.erase(std::ranges::unique(paths).begin(), paths.end());
}

} // namespace

Heads heads(const policy::GlobSequence& glob) {
    const Texts texts = follow({}, glob);
    Heads heads{.names = texts.open, .trees = {}};
    for (const auto& text : texts.closed)
        heads.trees.push_back(directory_of(text));
    sort(heads.names);
    sort(heads.trees);
    return heads;
}

std::string directory_of(const std::string& name) {
    const auto slash = name.rfind('/');
    return slash == std::string::npos || slash == 0 ? "/" : name.substr(0, slash);
}

} // namespace enforced::plan
