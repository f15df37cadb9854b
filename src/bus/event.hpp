// SPDX-License-Identifier: GPL-2.0-or-later
/// What was refused or reported, as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace enforced::bus {

/// What is not known is empty or 0. Strings may hold any bytes.
struct Event {
    std::string cursor{}, id{}, boot{};
    std::uint64_t time = 0; // CLOCK_REALTIME, µs
    std::string message{}, unit{}, cgroup{};
    std::string policy{}, rule{}, text{}, file{};
    std::uint32_t rule_id = 0, line = 0;
    std::string class_{}, verdict{}, operation{}, object{}, flags{};
    std::uint64_t count = 0;
    std::optional<std::uint32_t> pid{}, uid{}, gid{};
    std::string comm{}, exe{};
    std::uint64_t inode = 0;
    std::string device{};

    friend bool operator==(const Event&, const Event&) = default;
};

/// What has to be true of an event; what is empty or 0 need not.
struct EventFilter {
    std::string unit{}, policy{}, rule{}, class_{}, verdict{};
    std::string boot{};                 // 32 hexadecimal digits
    std::uint64_t since = 0, until = 0; // CLOCK_REALTIME, µs, inclusive

    friend bool operator==(const EventFilter&, const EventFilter&) = default;
};

/// Whether an event that happens now is wanted: boot and times are not looked at.
bool wants(const EventFilter& filter, const Event& event);

struct EventQuery {
    EventFilter filter{};
    bool newest_first = true;
    std::uint32_t limit = 100;
    std::string cursor{};
};

struct EventPage {
    std::vector<Event> events;
    std::string cursor;
    bool more = false;
};

/// A rule that has to do with an event, and what there is to say of it.
struct Remark {
    std::string policy, key, text, file;
    std::uint32_t line = 0;
    std::string what;

    friend bool operator==(const Remark&, const Remark&) = default;
};

/// A change of a file.
struct Proposal {
    std::string kind; // "amend" or "replace"
    std::string policy, file, original;
    std::uint32_t line = 0;
    std::string text;

    friend bool operator==(const Proposal&, const Proposal&) = default;
};

/// See Manager's Explain.
struct Explanation {
    Event event;
    std::optional<bool> still;
    std::vector<std::string> governed_by;
    std::vector<Remark> refused_by; // `what` is the verdict
    std::vector<Remark> allowed_by; // `what` is why that is not enough
    std::vector<Proposal> changes;
    std::string beyond, obstacle;

    friend bool operator==(const Explanation&, const Explanation&) = default;
};

} // namespace enforced::bus
