// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <syslog.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace enforced::daemon {

/// One structured entry for the journal. Values may hold any bytes.
class Entry {
  public:
    /// `priority` is LOG_ERR and the like; `message_id` one of message.hpp, or null.
    Entry(int priority, const char* message_id, std::string_view message);

    Entry& add(std::string_view name, std::string_view value);
    Entry& add(std::string_view name, std::uint64_t value) { return add(name, std::to_string(value)); }

    /// "NAME=value", in the order in which they were added.
    [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }

    /// The first field of that name; empty if there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const;

  private:
    std::vector<std::string> fields_;
};

/// Writes an entry to the journal.
Status send(const Entry& entry);

/// Whether standard error goes to the journal: then what is said there and to the journal would be there
/// twice.
bool standard_error_is_journal();

/// Writes an entry to the journal, and its message to standard error for who runs the daemon by hand.
Status tell(const Entry& entry);

} // namespace enforced::daemon
