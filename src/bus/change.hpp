// SPDX-License-Identifier: GPL-2.0-or-later
/// What may be changed at runtime, by whom, and on which terms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace enforced::bus {

enum class Verb { reload, load, unload, mode, make_permanent, release };

/// As the contract has it, and the details of polkit's questions.
constexpr std::string_view name_of(Verb verb) {
    switch (verb) {
    case Verb::reload:
        return "reload";
    case Verb::load:
        return "load";
    case Verb::unload:
        return "unload";
    case Verb::mode:
        return "mode";
    case Verb::make_permanent:
        return "make-permanent";
    case Verb::release:
        return "release";
    }
    return "";
}

struct Change {
    Verb verb = Verb::reload;
    std::string policy; // its name; not of reload and release
    std::string text;   // of load: TOML
    std::string mode;   // of mode: "enforce", "audit", "off", or empty for what the files say

    friend bool operator==(const Change&, const Change&) = default;
};

/// Who asks for something.
struct Caller {
    std::string name;      // on the bus, unique
    std::uint32_t uid = 0; // of its owner

    friend bool operator==(const Caller&, const Caller&) = default;
};

constexpr std::uint64_t min_timeout = 1'000'000;                // µs
constexpr std::uint64_t max_timeout = 24ULL * 3600 * 1'000'000; // µs

struct Terms {
    std::optional<std::uint64_t> timeout; // µs; none: the change is not on probation
    bool keep = false;                    // on probation also when its maker has left the bus

    friend bool operator==(const Terms&, const Terms&) = default;
};

/// A change that undoes itself unless it is confirmed.
struct Probation {
    std::string id;
    Change change; // without the text
    Caller maker;
    Terms terms;
    std::uint64_t deadline = 0; // CLOCK_BOOTTIME, µs

    friend bool operator==(const Probation&, const Probation&) = default;
};

} // namespace enforced::bus
