// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/query.hpp"

#include <systemd/sd-id128.h>

#include <algorithm>
#include <functional>
#include <initializer_list>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/quote.hpp"
#include "bus/options.hpp"
#include "bus/strings.hpp"

namespace enforced::bus {
namespace {

using Words = std::initializer_list<const char*>;

constexpr Words classes = {"file", "exec", "network", "capability", "kernel", "self-protection"};
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

/// Writes a dictionary into a message, as sd-bus does it: a value of sdbus-c++'s costs a message of its own,
/// of which a thousand events would need some twenty thousand. What is not known is left out.
class Writer {
  public:
    explicit Writer(sd_bus_message* message) : message_(message) {
        note(sd_bus_message_open_container(message, 'a', "{sv}"));
    }

    Writer& operator()(const char* key, const std::string& text) {
        if (!text.empty())
            note(sd_bus_message_append(message_, "{sv}", key, "s", fit(text).c_str()));
        return *this;
    }
    Writer& operator()(const char* key, std::optional<std::uint32_t> number) {
        if (number)
            note(sd_bus_message_append(message_, "{sv}", key, "u", *number));
        return *this;
    }
    Writer& operator()(const char* key, std::optional<bool> value) {
        if (value)
            note(sd_bus_message_append(message_, "{sv}", key, "b", static_cast<int>(*value)));
        return *this;
    }
    Writer& number(const char* key, std::uint64_t number) {
        if (number != 0)
            note(sd_bus_message_append(message_, "{sv}", key, "t", number));
        return *this;
    }
    Writer& small(const char* key, std::uint32_t number) {
        return number != 0 ? (*this)(key, std::optional(number)) : *this;
    }

    /// A value that `write` puts there.
    Writer& value(const char* key, const char* type, const std::function<int()>& write) {
        note(sd_bus_message_open_container(message_, 'e', "sv"));
        note(sd_bus_message_append(message_, "s", key));
        note(sd_bus_message_open_container(message_, 'v', type));
        note(write());
        note(sd_bus_message_close_container(message_));
        note(sd_bus_message_close_container(message_));
        return *this;
    }

    /// An array, unless it is empty.
    template<class T>
    Writer& list(const char* key, const char* type, const std::vector<T>& elements) {
        if (elements.empty())
            return *this;
        return value(key, (std::string("a") + type).c_str(), [&] {
            note(sd_bus_message_open_container(message_, 'a', type));
            for (const T& each : elements)
                note(append_element(message_, each));
            return sd_bus_message_close_container(message_);
        });
    }

    /// Negative if something went wrong.
    int close() {
        note(sd_bus_message_close_container(message_));
        return result_;
    }

  private:
    static int append_element(sd_bus_message* message, const std::string& text) {
        return sd_bus_message_append(message, "s", fit(text).c_str());
    }
    static int append_element(sd_bus_message* message, const Remark& each) {
        return sd_bus_message_append(message, "(ssssus)", fit(each.policy).c_str(), fit(each.key).c_str(),
                                     fit(each.text).c_str(), fit(each.file).c_str(), each.line,
                                     fit(each.what).c_str());
    }
    static int append_element(sd_bus_message* message, const Proposal& each) {
        return sd_bus_message_append(message, "(ssssus)", each.kind.c_str(), fit(each.policy).c_str(),
                                     fit(each.file).c_str(), fit(each.original).c_str(), each.line,
                                     fit(each.text).c_str());
    }

    void note(int result) { result_ = result_ < 0 || result >= 0 ? result_ : result; }

    sd_bus_message* message_;
    int result_ = 0;
};

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

int append(sd_bus_message* message, const Event& event) {
    Writer dictionary(message);
    dictionary("cursor", event.cursor)("id", event.id)("boot", event.boot);
    dictionary.number("time-usec", event.time)("message", event.message);
    dictionary("unit", event.unit)("cgroup", event.cgroup)("policy", event.policy)("rule", event.rule);
    dictionary.small("rule-id", event.rule_id)("text", event.text)("file", event.file);
    dictionary.small("line", event.line)("class", event.class_)("verdict", event.verdict);
    dictionary("operation", event.operation)("object", event.object)("flags", event.flags);
    dictionary.number("count", event.count)("pid", event.pid)("uid", event.uid)("gid", event.gid);
    dictionary("comm", event.comm)("exe", event.exe).number("inode", event.inode)("device", event.device);
    return dictionary.close();
}

int append(sd_bus_message* message, const EventPage& page) {
    int result = sd_bus_message_open_container(message, 'a', "a{sv}");
    for (const Event& event : page.events)
        if (result >= 0)
            result = append(message, event);
    if (result >= 0)
        result = sd_bus_message_close_container(message);
    return result < 0
               ? result
               : sd_bus_message_append(message, "sb", fit(page.cursor).c_str(), static_cast<int>(page.more));
}

int append(sd_bus_message* message, const Explanation& explanation) {
    const Event& event = explanation.event;
    Writer dictionary(message);
    dictionary.value("event", "a{sv}", [&] { return append(message, event); });
    dictionary("policy", event.policy)("rule", event.rule)("text", event.text)("file", event.file);
    dictionary.small("line", event.line)("still", explanation.still);
    dictionary.list("governed-by", "s", explanation.governed_by);
    dictionary.list("refused-by", "(ssssus)", explanation.refused_by);
    dictionary.list("allowed-by", "(ssssus)", explanation.allowed_by);
    dictionary.list("changes", "(ssssus)", explanation.changes);
    dictionary("beyond", explanation.beyond)("obstacle", explanation.obstacle);
    return dictionary.close();
}

} // namespace enforced::bus
