// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "bus/message.hpp"
#include "bus/view.hpp"

namespace enforced::bus {

/// In bytes; a policy from the bus is smaller than one from a file may be.
constexpr std::size_t max_text = 256 * 1024;

/// What has to be found out before a call is let through.
struct Question {
    const char* action = nullptr;               // of polkit; null: nobody has to be asked
    std::map<std::string, std::string> details; // for the administrator's rules
    std::optional<std::uint32_t> exempt;        // the uid which need not be asked

    friend bool operator==(const Question&, const Question&) = default;
};

/// The question that a method call raises, with what there is now; or what is wrong with the call. Reads the
/// message and leaves it at its beginning.
Answer<Question> question_of(sd_bus_message* call, const View& view);

} // namespace enforced::bus
