// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <utility>

#include "policy/merge.hpp"

namespace enforced::test {

/// The file of this name in the directory of that rank. Its path tells both.
inline policy::Source source(std::string basename, std::string text, unsigned rank = 0) {
    policy::Source source;
    source.path = std::to_string(rank) + "/" + basename;
    source.basename = std::move(basename);
    source.rank = rank;
    source.text = std::move(text);
    return source;
}

inline policy::Source amendment(const std::string& amends, std::string basename, std::string text,
                                unsigned rank = 0) {
    auto amendment = source(std::move(basename), std::move(text), rank);
    amendment.path = std::to_string(rank) + "/" + amends + ".d/" + amendment.basename;
    amendment.amends = amends;
    return amendment;
}

} // namespace enforced::test
