// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <expected>
#include <string>

namespace enforced::bus {

/// What is answered instead of a reply: the name of an error (names.hpp), and a sentence for a person.
struct Fault {
    const char* name;
    std::string message;
};

template<class T>
using Answer = std::expected<T, Fault>;

[[nodiscard]] inline std::unexpected<Fault> fault(const char* name, std::string message) {
    return std::unexpected(Fault{name, std::move(message)});
}

} // namespace enforced::bus
