// SPDX-License-Identifier: GPL-2.0-or-later
/// Events as the bus shows them, from what the journal holds of them.
#pragma once

#include <span>
#include <string>

#include "bus/event.hpp"
#include "host/journal.hpp"

namespace enforced::daemon {

/// From "NAME=value", as they were or will be written. Time, boot and cursor are the journal's to know.
bus::Event event_of(std::span<const std::string> fields);
bus::Event event_of(const host::JournalEntry& entry);

/// Finds events that the daemon wrote. Everybody may write what looks like one into the journal; who wrote it
/// the journal says itself, in fields that begin with "_". What `enforced --release` writes at the end is not
/// found: it is run by hand, and cannot be told from what another of root's processes writes.
host::JournalQuery journal_query(const bus::EventQuery& query);

/// Finds the one event with this id or cursor.
host::JournalQuery journal_query(const std::string& event);

bus::EventPage page_of(const host::JournalPage& page);

} // namespace enforced::daemon
