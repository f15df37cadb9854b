// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/events.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <string_view>

#include <fmt/format.h>

#include "daemon/message.hpp"

namespace enforced::daemon {
namespace {

using Take = std::function<void(bus::Event& event, std::string_view value)>;

/// Nothing of what is no number.
template<class T>
void read_number(std::string_view text, T& number) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size())
        number = value;
}

Take text(std::string bus::Event::*member) {
    return [member](bus::Event& event, std::string_view value) { event.*member = value; };
}

template<class T>
Take number(T bus::Event::*member) {
    return [member](bus::Event& event, std::string_view value) { read_number(value, event.*member); };
}

template<class T>
Take number(std::optional<T> bus::Event::*member) {
    return [member](bus::Event& event, std::string_view value) {
        read_number(value, (event.*member).emplace());
    };
}

struct Field {
    std::string_view name;
    Take take;
};

const std::vector<Field>& fields() {
    using bus::Event;
    static const std::vector<Field> all = {
        {"MESSAGE", text(&Event::message)},
        {"OBJECT_SYSTEMD_UNIT", text(&Event::unit)},
        {"OBJECT_SYSTEMD_CGROUP", text(&Event::cgroup)},
        {"ENFORCED_EVENT", text(&Event::id)},
        {"ENFORCED_POLICY", text(&Event::policy)},
        {"ENFORCED_RULE", text(&Event::rule)},
        {"ENFORCED_RULE_ID", number(&Event::rule_id)},
        {"ENFORCED_RULE_TEXT", text(&Event::text)},
        {"ENFORCED_FILE", text(&Event::file)},
        {"ENFORCED_LINE", number(&Event::line)},
        {"ENFORCED_CLASS", text(&Event::class_)},
        {"ENFORCED_ACTION", text(&Event::verdict)},
        {"ENFORCED_OPERATION", text(&Event::operation)},
        {"ENFORCED_OBJECT", text(&Event::object)},
        {"ENFORCED_FLAGS", text(&Event::flags)},
        {"ENFORCED_COUNT", number(&Event::count)},
        {"ENFORCED_PID", number(&Event::pid)},
        {"ENFORCED_UID", number(&Event::uid)},
        {"ENFORCED_GID", number(&Event::gid)},
        {"ENFORCED_COMM", text(&Event::comm)},
        {"ENFORCED_EXE", text(&Event::exe)},
        {"ENFORCED_INODE", number(&Event::inode)},
        {"ENFORCED_DEVICE", text(&Event::device)},
    };
    return all;
}

/// The daemon's own events, whatever they are about.
host::JournalQuery trusted_query() {
    host::JournalQuery query;
    query.matches = {"_UID=0", "_SYSTEMD_UNIT=enforced.service"};
    for (const char* id : {message::refused, message::would_refuse, message::reported,
                           message::trespass_refused, message::trespass_seen})
        query.matches.push_back(fmt::format("MESSAGE_ID={}", id));
    for (const Field& field : fields())
        query.fields.emplace_back(field.name);
    return query;
}

bool is_id(const std::string& event) {
    const auto hexadecimal = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return event.size() == 32 && std::ranges::all_of(event, hexadecimal);
}

} // namespace

bus::Event event_of(std::span<const std::string> given) {
    bus::Event event;
    for (const std::string_view field : given) {
        const auto equals = std::min(field.find('='), field.size());
        const auto known = std::ranges::find(fields(), field.substr(0, equals), &Field::name);
        if (known != fields().end() && equals < field.size())
            known->take(event, field.substr(equals + 1));
    }
    return event;
}

bus::Event event_of(const host::JournalEntry& entry) {
    bus::Event event = event_of(entry.fields);
    event.cursor = entry.cursor;
    event.boot = entry.boot;
    event.time = entry.time;
    return event;
}

host::JournalQuery journal_query(const bus::EventQuery& asked) {
    const bus::EventFilter& filter = asked.filter;
    host::JournalQuery query = trusted_query();
    for (const auto& [name, value] : {std::pair("OBJECT_SYSTEMD_UNIT", &filter.unit),
                                      {"ENFORCED_POLICY", &filter.policy},
                                      {"ENFORCED_RULE", &filter.rule},
                                      {"ENFORCED_CLASS", &filter.class_},
                                      {"ENFORCED_ACTION", &filter.verdict},
                                      {"_BOOT_ID", &filter.boot}}) {
        if (!value->empty())
            query.matches.push_back(fmt::format("{}={}", name, *value));
    }
    query.since = filter.since;
    query.until = filter.until;
    query.newest_first = asked.newest_first;
    query.cursor = asked.cursor;
    query.limit = asked.limit;
    return query;
}

host::JournalQuery journal_query(const std::string& event) {
    host::JournalQuery query = trusted_query();
    query.limit = 1;
    if (is_id(event))
        query.matches.push_back("ENFORCED_EVENT=" + event);
    else
        query.at = event;
    return query;
}

bus::EventPage page_of(const host::JournalPage& page) {
    bus::EventPage events{.events = {}, .cursor = page.cursor, .more = page.more};
    for (const host::JournalEntry& entry : page.entries)
        events.events.push_back(event_of(entry));
    return events;
}

} // namespace enforced::daemon
