// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace enforced::ctl {

/// To standard output. Whether it arrived is known at the end, by finish_output.
inline void print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

/// The texts with something between them.
template<class Range>
std::string join(const Range& texts, std::string_view between) {
    std::string joined;
    for (const std::string& text : texts)
        joined.append(joined.empty() ? std::string_view() : between).append(text);
    return joined;
}

} // namespace enforced::ctl
