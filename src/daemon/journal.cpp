// SPDX-License-Identifier: GPL-2.0-or-later
// Our entries say where the policy is at fault, not where the daemon is.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include "daemon/journal.hpp"

#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

namespace enforced::daemon {

Entry::Entry(int priority, const char* message_id, std::string_view message) {
    add("MESSAGE", message);
    add("PRIORITY", std::to_string(priority));
    add("SYSLOG_IDENTIFIER", "enforced");
    if (message_id)
        add("MESSAGE_ID", message_id);
}

Entry& Entry::add(std::string_view name, std::string_view value) {
    fields_.push_back(fmt::format("{}={}", name, value));
    return *this;
}

std::string_view Entry::field(std::string_view name) const {
    for (const std::string& field : fields_) {
        if (field.size() > name.size() && field.starts_with(name) && field[name.size()] == '=')
            return std::string_view(field).substr(name.size() + 1);
    }
    return {};
}

Status send(const Entry& entry) {
    std::vector<iovec> vectors;

    for (const std::string& field : entry.fields())
        vectors.push_back({const_cast<char*>(field.data()), field.size()});
    const int result = sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
    if (result < 0)
        return failure("write to the journal", -result);
    return {};
}

bool standard_error_is_journal() {
    // systemd says which stream it made for us; a child may have another.
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status = {};

    return stream && fstat(STDERR_FILENO, &status) == 0 &&
           fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

Status tell(const Entry& entry) {
    if (!standard_error_is_journal())
        fmt::print(stderr, "{}\n", entry.field("MESSAGE"));
    return send(entry);
}

} // namespace enforced::daemon
