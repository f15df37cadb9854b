// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/query.hpp"

#include <systemd/sd-id128.h>

#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/quote.hpp"
#include "bus/options.hpp"
#include "bus/strings.hpp"

namespace enforced::bus {
namespace {

using Words = std::initializer_list<const char*>;

constexpr Words classes = {"file", "exec", "network"};
constexpr Words verdicts = {"deny", "kill", "would-deny", "would-kill", "audit"};
constexpr Words orders = {"newest", "oldest"};
constexpr std::size_t max_key = 64; // bytes, of a rule's

Answer<std::string> read_word(Options& options, const char* key, Words words) {
    const auto word = options.take<std::string>(key);
    if (!word || std::ranges::find(words, *word) != words.end())
        return word.value_or("");
    return fault(error::invalid_arguments,
                 fmt::format("{} is {}, and there are {}", key, quote(*word), fmt::join(words, ", ")));
}

Answer<std::string> read_name(Options& options, const char* key,
                              Answer<void> (*check)(const std::string& name)) {
    const auto name = options.take<std::string>(key);
    if (!name)
        return "";
    if (auto checked = check(*name); !checked)
        return std::unexpected(checked.error());
    return *name;
}

/// As it stands in the events: "file.rule[2]".
Answer<void> check_key(const std::string& key) {
    const auto belongs = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view(".-[]").contains(c);
    };
    if (key.empty() || key.size() > max_key || !std::ranges::all_of(key, belongs))
        return fault(error::invalid_arguments,
                     fmt::format("{} is not the key of a rule, such as file.rule[2]", quote(key)));
    return {};
}

Answer<void> check_boot(const std::string& boot) {
    const auto hexadecimal = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (boot.size() != 32 || !std::ranges::all_of(boot, hexadecimal))
        return fault(
            error::invalid_arguments,
            fmt::format("{} is not the id of a boot: write 32 hexadecimal digits, or current", quote(boot)));
    return {};
}

Answer<std::string> read_boot(Options& options) {
    const auto boot = options.take<std::string>("boot");
    sd_id128_t id = {};
    char text[SD_ID128_STRING_MAX];

    if (!boot)
        return "";
    if (*boot == "current") {
        if (const int result = sd_id128_get_boot(&id); result < 0)
            return fault(error::failed, fmt::format("the id of this boot: {}", std::strerror(-result)));
        return sd_id128_to_string(id, text);
    }
    if (auto checked = check_boot(*boot); !checked)
        return std::unexpected(checked.error());
    return *boot;
}

Answer<EventFilter> read_common(Options& options) {
    EventFilter filter;
    for (auto& [value, read] : std::initializer_list<std::pair<std::string*, Answer<std::string>>>{
             {&filter.unit, read_name(options, "unit", check_unit_name)},
             {&filter.policy, read_name(options, "policy", check_policy_name)},
             {&filter.rule, read_name(options, "rule", check_key)},
             {&filter.class_, read_word(options, "class", classes)},
             {&filter.verdict, read_word(options, "verdict", verdicts)}}) {
        if (!read)
            return std::unexpected(read.error());
        *value = *read;
    }
    return filter;
}

/// Puts what is known into a dictionary; the rest is left out.
class Writer {
  public:
    Writer& operator()(const char* key, const std::string& text) {
        if (!text.empty())
            options_[key] = sdbus::Variant(fit(text));
        return *this;
    }
    template<class T>
    Writer& number(const char* key, T value) {
        if (value != 0)
            options_[key] = sdbus::Variant(value);
        return *this;
    }
    template<class T>
    Writer& operator()(const char* key, const std::optional<T>& value) {
        if (value)
            options_[key] = sdbus::Variant(*value);
        return *this;
    }
    template<class T>
    Writer& operator()(const char* key, const std::vector<T>& list) {
        if (!list.empty())
            options_[key] = sdbus::Variant(list);
        return *this;
    }

    [[nodiscard]] Dictionary options() && { return std::move(options_); }
    Dictionary options_;
};

using WireRemark =
    sdbus::Struct<std::string, std::string, std::string, std::string, std::uint32_t, std::string>;

std::vector<WireRemark> wire(const std::vector<Remark>& remarks) {
    std::vector<WireRemark> wired;
    for (const Remark& each : remarks)
        wired.emplace_back(fit(each.policy), fit(each.key), fit(each.text), fit(each.file), each.line,
                           fit(each.what));
    return wired;
}

std::vector<WireRemark> wire(const std::vector<Proposal>& changes) {
    std::vector<WireRemark> wired;
    for (const Proposal& each : changes)
        wired.emplace_back(each.kind, fit(each.policy), fit(each.file), fit(each.original), each.line,
                           fit(each.text));
    return wired;
}

} // namespace

Answer<EventFilter> read_filter(const Dictionary& given) {
    Options options(given);
    auto filter = read_common(options);
    if (!filter)
        return filter;
    if (auto finished = options.finish(); !finished)
        return std::unexpected(finished.error());
    return filter;
}

Answer<EventQuery> read_query(const Dictionary& filter, const Dictionary& given) {
    Options what(filter), how(given);
    EventQuery query;

    auto common = read_common(what);
    auto boot = read_boot(what);
    auto order = read_word(how, "order", orders);
    if (!common)
        return std::unexpected(common.error());
    if (!boot || !order)
        return std::unexpected(boot ? order.error() : boot.error());
    query.filter = *common;
    query.filter.boot = *boot;
    query.filter.since = what.take<std::uint64_t>("since-usec").value_or(0);
    query.filter.until = what.take<std::uint64_t>("until-usec").value_or(0);
    query.newest_first = *order != "oldest";
    query.limit = how.take<std::uint32_t>("limit").value_or(query.limit);
    query.cursor = how.take<std::string>("cursor").value_or("");
    for (const Options* options : {&what, &how})
        if (auto finished = options->finish(); !finished)
            return std::unexpected(finished.error());
    if (query.limit < 1 || query.limit > max_events)
        return fault(error::invalid_arguments,
                     fmt::format("limit is {}, and has to be from 1 to {}", query.limit, max_events));
    if (query.cursor.size() > max_cursor)
        return fault(error::invalid_arguments, "the cursor is too long to be one of an answer");
    return query;
}

Answer<void> check_event(const std::string& event) {
    if (event.empty() || event.size() > max_cursor)
        return fault(error::invalid_arguments,
                     fmt::format("{} is neither the cursor nor the id of an event", quote(event)));
    return {};
}

bool wants(const EventFilter& filter, const Event& event) {
    const auto agrees = [](const std::string& wanted, const std::string& value) {
        return wanted.empty() || wanted == value;
    };
    return agrees(filter.unit, event.unit) && agrees(filter.policy, event.policy) &&
           agrees(filter.rule, event.rule) && agrees(filter.class_, event.class_) &&
           agrees(filter.verdict, event.verdict);
}

Dictionary wire(const Event& event) {
    Writer writer;
    writer("cursor", event.cursor)("id", event.id)("boot", event.boot);
    writer.number("time-usec", event.time)("message", event.message);
    writer("unit", event.unit)("cgroup", event.cgroup)("policy", event.policy)("rule", event.rule);
    writer.number("rule-id", event.rule_id)("text", event.text)("file", event.file);
    writer.number("line", event.line)("class", event.class_)("verdict", event.verdict);
    writer("operation", event.operation)("object", event.object)("flags", event.flags);
    writer.number("count", event.count)("pid", event.pid)("uid", event.uid)("gid", event.gid);
    writer("comm", event.comm)("exe", event.exe).number("inode", event.inode)("device", event.device);
    return std::move(writer).options();
}

Dictionary wire(const Explanation& explanation) {
    const Event& event = explanation.event;
    Writer writer;
    writer("policy", event.policy)("rule", event.rule)("text", event.text)("file", event.file);
    writer.number("line", event.line)("still", explanation.still);
    writer("governed-by", explanation.governed_by)("refused-by", wire(explanation.refused_by));
    writer("allowed-by", wire(explanation.allowed_by))("changes", wire(explanation.changes));
    writer("beyond", explanation.beyond)("obstacle", explanation.obstacle);
    Dictionary options = std::move(writer).options();
    options["event"] = sdbus::Variant(wire(event));
    return options;
}

} // namespace enforced::bus
