// SPDX-License-Identifier: GPL-2.0-or-later
/// Reading back from the journal, by its index. May take as long as the disk does: not for the loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace enforced::host {

/// Which entries of the system's journal, and in what order.
struct JournalQuery {
    /// "NAME=value", any bytes. Of those of one field one has to be there, of each field some.
    std::vector<std::string> matches;
    std::vector<std::string> fields; // that are wanted; others are left out
    std::uint64_t since = 0;         // CLOCK_REALTIME, µs, inclusive; 0: from the beginning
    std::uint64_t until = 0;         // likewise; 0: to the end
    bool newest_first = true;
    std::string at;          // the entry with this cursor, if it matches, and none else
    std::string cursor;      // behind this entry in that order; empty: from the beginning, or the end
    std::size_t limit = 100; // entries
    // Of names and values; one entry is read however big. What is read at once is written into one message,
    // and read by the bus as one, while nobody else is served.
    std::size_t bytes = 128 * 1024;
    std::chrono::milliseconds patience{5000}; // looked at after each entry
};

struct JournalEntry {
    std::string cursor;
    std::uint64_t time = 0;          // CLOCK_REALTIME, µs
    std::string boot;                // 32 hexadecimal digits
    std::vector<std::string> fields; // "NAME=value"

    /// The value of the first field of that name; empty if there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const;
};

struct JournalPage {
    std::vector<JournalEntry> entries;
    std::string cursor; // of the last one that was looked at; the query's if there was none
    bool more = false;  // one of the bounds was met before the end
};

/// A file that cannot be read, or only in part, is read as far as it can be; one that is rotated away
/// meanwhile may be missing. An error with EINVAL means that the cursor is none. `directory` holds journal
/// files; empty: where journald has those of this machine.
Result<JournalPage> read_journal(const JournalQuery& query, const std::string& directory = {});

/// As one text, to be handed from a process to another, and back. An error means that it is none of ours.
std::string pack(const JournalPage& page);
Result<JournalPage> unpack_page(std::string_view text);

} // namespace enforced::host
