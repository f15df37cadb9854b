// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/journal.hpp"

#include <systemd/sd-journal.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "base/packing.hpp"

namespace enforced::host {
namespace {

using Journal = std::unique_ptr<sd_journal, decltype(&sd_journal_close)>;

/// A value beyond that is cut where it is compressed: our own are far below.
constexpr std::size_t longest_value = 16 * 1024;

Result<Journal> open_journal(const std::string& directory) {
    sd_journal* journal = nullptr;
    // The system's entries only: no user's journal holds any of root's.
    const int result = directory.empty()
                           ? sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM)
                           : sd_journal_open_directory(&journal, directory.c_str(), 0);
    if (result < 0)
        return failure("open the journal", -result);
    sd_journal_set_data_threshold(journal, longest_value);
    return Journal(journal, sd_journal_close);
}

class Reader {
  public:
    Reader(sd_journal* journal, const JournalQuery& query)
        : journal_(journal), query_(query), end_(std::chrono::steady_clock::now() + query.patience) {}

    Result<JournalPage> read() {
        for (const std::string& match : query_.matches)
            if (const int result = sd_journal_add_match(journal_, match.data(), match.size()); result < 0)
                return failure("look for " + match.substr(0, match.find('=')) + " in the journal", -result);
        page_.cursor = query_.cursor;
        int found = query_.at.empty() ? seek() : seek_one();
        for (; found > 0; found = step()) {
            const int within = take();
            if (within < 0 || !query_.at.empty())
                break;
        }
        if (found < 0)
            return failure("read the journal", -found);
        return std::move(page_);
    }

  private:
    int step() { return query_.newest_first ? sd_journal_previous(journal_) : sd_journal_next(journal_); }

    /// To the first entry that is asked for. As the functions of sd-journal: 1 if there is one, 0 if not.
    int seek() {
        int result = 0;
        if (!query_.cursor.empty())
            result = sd_journal_seek_cursor(journal_, query_.cursor.c_str());
        else if (query_.newest_first)
            result = query_.until ? sd_journal_seek_realtime_usec(journal_, query_.until)
                                  : sd_journal_seek_tail(journal_);
        else
            result = query_.since ? sd_journal_seek_realtime_usec(journal_, query_.since)
                                  : sd_journal_seek_head(journal_);
        if (result < 0)
            return result;
        result = step();
        // Not that very entry if it is gone, or the query is for others.
        if (result > 0 && !query_.cursor.empty() &&
            sd_journal_test_cursor(journal_, query_.cursor.c_str()) > 0)
            result = step();
        return result;
    }

    int seek_one() {
        int result = sd_journal_seek_cursor(journal_, query_.at.c_str());
        if (result >= 0)
            result = sd_journal_next(journal_);
        return result > 0 ? sd_journal_test_cursor(journal_, query_.at.c_str()) : result;
    }

    /// Takes the entry into the page. Negative if it is not wanted, and none behind it.
    int take() {
        JournalEntry entry;
        sd_id128_t boot = {};
        std::uint64_t monotonic = 0;
        char* cursor = nullptr;
        char text[SD_ID128_STRING_MAX];

        if (full())
            return -1;
        // What is broken is passed over: the next one may be whole.
        if (sd_journal_get_realtime_usec(journal_, &entry.time) < 0 ||
            sd_journal_get_cursor(journal_, &cursor) < 0)
            return 0;
        const std::unique_ptr<char, decltype(&std::free)> owner(cursor, std::free);
        entry.cursor = cursor;
        const bool early = query_.since && entry.time < query_.since;
        const bool late = query_.until && entry.time > query_.until;
        if (query_.newest_first ? early : late)
            return -1;
        page_.cursor = entry.cursor;
        if (early || late)
            return 0;
        if (sd_journal_get_monotonic_usec(journal_, &monotonic, &boot) >= 0)
            entry.boot = sd_id128_to_string(boot, text);
        take_fields(entry);
        page_.entries.push_back(std::move(entry));
        return 0;
    }

    bool full() {
        page_.more = page_.entries.size() >= query_.limit || bytes_ >= query_.bytes ||
                     (!page_.entries.empty() && std::chrono::steady_clock::now() >= end_);
        return page_.more;
    }

    void take_fields(JournalEntry& entry) {
        const void* data = nullptr;
        std::size_t size = 0;
        sd_journal_restart_data(journal_);
        // Ends at what cannot be read; what comes before it is good.
        while (sd_journal_enumerate_available_data(journal_, &data, &size) > 0) {
            const std::string_view field(static_cast<const char*>(data), size);
            const auto name = field.substr(0, field.find('='));
            if (name.size() == field.size() || std::ranges::find(query_.fields, name) == query_.fields.end())
                continue;
            entry.fields.emplace_back(field.substr(0, name.size() + 1 + longest_value));
            bytes_ += entry.fields.back().size();
        }
        bytes_ += entry.cursor.size();
    }

    sd_journal* journal_;
    const JournalQuery& query_;
    std::chrono::steady_clock::time_point end_;
    std::size_t bytes_ = 0;
    JournalPage page_;
};

} // namespace

/// What packs and unpacks an entry.
static void carry(auto& archive, JournalEntry& entry) {
    archive(entry.cursor)(entry.time)(entry.boot)(entry.fields);
}

std::string_view JournalEntry::field(std::string_view name) const {
    for (const std::string& field : fields)
        if (field.size() > name.size() && field.starts_with(name) && field[name.size()] == '=')
            return std::string_view(field).substr(name.size() + 1);
    return {};
}

Result<JournalPage> read_journal(const JournalQuery& query, const std::string& directory) {
    const auto journal = open_journal(directory);
    if (!journal)
        return std::unexpected(journal.error());
    return Reader(journal->get(), query).read();
}

std::string pack(const JournalPage& page) {
    Packer packer;
    packer(page.cursor)(page.more)(page.entries);
    return std::move(packer).text();
}

Result<JournalPage> unpack_page(std::string_view text) {
    JournalPage page;
    Unpacker unpacker(text);
    unpacker(page.cursor)(page.more)(page.entries);
    if (!unpacker.finished())
        return failure("the page of the journal is damaged");
    return page;
}

} // namespace enforced::host
