// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/strings.hpp"

#include <systemd/sd-bus.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <fmt/format.h>

#include "base/quote.hpp"
#include "base/utf8.hpp"
#include "bus/names.hpp"
#include "policy/parse.hpp"

namespace enforced::bus {
namespace {

struct Free {
    void operator()(char* text) const { std::free(text); }
};

constexpr std::size_t max_unit_name = 255; // bytes, systemd's bound

constexpr std::string_view unit_types[] = {".service", ".scope", ".slice", ".socket", ".mount", ".swap"};

bool may_stand_in_unit_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(":-_.\\@").contains(c);
}

} // namespace

Answer<void> check_policy_name(const std::string& name) {
    const auto checked = policy::policy_name(name + ".toml");
    if (!checked)
        return fault(error::invalid_arguments, fmt::format("{} cannot be the name of a policy: {}",
                                                           quote(name), checked.error().message));
    return {};
}

Answer<void> check_unit_name(const std::string& name) {
    const bool typed = std::ranges::any_of(
        unit_types, [&](std::string_view type) { return name.ends_with(type) && name.size() > type.size(); });

    if (!typed || name.size() > max_unit_name || !std::ranges::all_of(name, may_stand_in_unit_name))
        return fault(error::invalid_arguments,
                     fmt::format("{} is not the name of a unit that has processes, such as nginx.service",
                                 quote(name)));
    return {};
}

Answer<void> check_mode(const std::string& mode) {
    for (const char* known : {"", "enforce", "audit", "off"}) {
        if (mode == known)
            return {};
    }
    return fault(
        error::invalid_arguments,
        fmt::format("there is no mode {}: there are enforce, audit and off, and an empty one for what "
                    "the files say",
                    quote(mode)));
}

std::string encode_path(const char* prefix, const std::string& name) {
    char* path = nullptr;
    if (sd_bus_path_encode(prefix, name.c_str(), &path) < 0)
        return std::string(prefix) + "/_"; // out of memory, or no prefix of ours
    const std::unique_ptr<char, Free> owner(path);
    return path;
}

std::optional<std::string> decode_path(const char* path, const char* prefix) {
    char* name = nullptr;
    if (!path || sd_bus_path_decode(path, prefix, &name) <= 0)
        return {};
    const std::unique_ptr<char, Free> owner(name);
    return fit(name);
}

std::string fit(std::string_view text) {
    const auto plain = [](unsigned char c) { return c > 0 && c < 0x80; };
    if (std::ranges::all_of(text, plain)) // as nearly all is
        return std::string(text);
    std::string fitting;
    while (!text.empty()) {
        const auto character = decode_utf8(text);
        const bool good = character && character->value != 0;
        const std::size_t length = good ? character->length : 1;
        if (good)
            fitting += text.substr(0, length);
        else
            fitting += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
        text.remove_prefix(length);
    }
    return fitting;
}

} // namespace enforced::bus
