// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/output/json.hpp"

#include <cctype>

namespace enforced::ctl {

std::string json_key(std::string_view name) {
    std::string key;
    for (const char c : name) {
        if (std::isupper(static_cast<unsigned char>(c))) {
            key += key.empty() ? "" : "_";
            key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        } else {
            key += c == '-' ? '_' : c;
        }
    }
    return key;
}

std::string json_text(const Document& document, Json format) {
    const int indent = format == Json::pretty ? 2 : -1;
    return document.dump(indent, ' ', false, Document::error_handler_t::replace) + "\n";
}

} // namespace enforced::ctl
