// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/weakness.hpp"

#include <fmt/format.h>

#include "base/quote.hpp"
#include "daemon/message.hpp"

namespace enforced::daemon {

void Weaknesses::hold(const std::string& key, const std::optional<std::string>& text, bool grave) {
    const auto before = present_.find(key);

    if (!text && before == present_.end())
        return;
    if (!text) {
        changes_.push_back(Entry(LOG_NOTICE, message::strengthened,
                                 fmt::format("no longer: {}", printable(before->second.text)))
                               .add("ENFORCED_WEAKNESS", key));
        present_.erase(before);
        return;
    }
    if (before == present_.end())
        changes_.push_back(Entry(grave ? LOG_ALERT : LOG_WARNING, message::weakened, printable(*text))
                               .add("ENFORCED_WEAKNESS", key));
    present_[key] = {*text, grave};
}

void Weaknesses::count(const std::string& key, std::uint64_t total, const std::string& text,
                       std::uint64_t now) {
    const auto [known, fresh] = counted_.try_emplace(key, Counted{total, 0});
    Counted& counted = known->second;

    if (!fresh && total > counted.total)
        counted = {total, now};
    const bool lately = counted.last && now - counted.last < memory;
    hold(key, lately ? std::optional(fmt::format("{} {}", total, text)) : std::nullopt);
}

std::vector<Entry> Weaknesses::take_changes() {
    return std::exchange(changes_, {});
}

std::map<std::string, std::string> Weaknesses::all() const {
    std::map<std::string, std::string> texts;
    for (const auto& [key, weakness] : present_)
        texts[key] = weakness.text;
    return texts;
}

} // namespace enforced::daemon
