// SPDX-License-Identifier: GPL-2.0-or-later
/// What a process tried, as the journal tells of it, and what the tables say of that now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "abi/event.h"
#include "base/result.hpp"
#include "plan/evaluate.hpp"

namespace enforced::plan {

struct Attempt {
    enforced_operation operation;
    std::string object;      // any bytes: a path, "tcp:192.0.2.1:80", "netlink raw", "net_admin"
    std::uint32_t flags = 0; // ENFORCED_EVENT_*
};

/// The operation that ENFORCED_OPERATION= in the journal names.
std::optional<enforced_operation> operation_named(std::string_view name);

/// Flags of an event as words, a space apart, and back; words that are not known are passed over.
std::string flag_words(std::uint32_t flags);
std::uint32_t flags_named(std::string_view words);

/// A name, and what was wanted of it.
struct PathQuestion {
    std::string name;
    enforced_access access;
};

/// Connecting or binding. `dual`: an IPv6 socket that serves IPv4 as well asks for "::" and for 0.0.0.0.
struct NetworkQuestion {
    enforced_network_op operation;
    std::uint8_t protocol;
    std::vector<std::uint8_t> address; // 4 or 16 bytes, network order
    std::uint16_t port;
    bool dual = false;

    [[nodiscard]] Destination destination() const { return {operation, protocol, address, port}; }
};

struct FamilyQuestion {
    unsigned family; // AF_*
    bool raw;        // of raw or packet type
};

struct CapabilityQuestion {
    unsigned number; // CAP_*
};

/// What a key of [kernel] speaks of, as a whole.
struct KernelQuestion {
    enforced_kernel_key key;
};

/// Changing the root directory to this one.
struct ChrootQuestion {
    std::string name;
};

/// What the rules judge as a whole, whatever it is done to.
enum class WholeQuestion { unnamed_file, mount, anonymous, writable_memory };

using Question = std::variant<PathQuestion, NetworkQuestion, FamilyQuestion, ChrootQuestion,
                              CapabilityQuestion, KernelQuestion, WholeQuestion>;

/// The question that the programs asked. Fails on an object that is not written as the daemon writes it.
Result<Question> question_of(const Attempt&);

/// What the tables answer. Of a "dual" bind, the severer of the two answers.
Answer ask(const Plan&, const Evaluator&, std::uint32_t set, const Question&);

} // namespace enforced::plan
