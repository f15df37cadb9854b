// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>
#include <cstring>
#include <expected>
#include <string>
#include <utility>

namespace enforced {

/// What went wrong: a sentence for a person, and the errno behind it (0 if there is none).
struct Error {
    std::string message;
    int code = 0;
};

template<class T>
using Result = std::expected<T, Error>;

using Status = std::expected<void, Error>;

/// An error that names the operation, and what errno says of it.
[[nodiscard]] inline std::unexpected<Error> failure(std::string what, int code) {
    return std::unexpected(Error{std::move(what) + ": " + std::strerror(code), code});
}

[[nodiscard]] inline std::unexpected<Error> failure(std::string what) {
    return std::unexpected(Error{std::move(what), 0});
}

} // namespace enforced
