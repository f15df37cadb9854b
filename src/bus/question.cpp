// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/question.hpp"

#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "base/quote.hpp"
#include "bus/names.hpp"
#include "bus/strings.hpp"
#include "bus/table.hpp"

namespace enforced::bus {
namespace {

/// The strings that the body of a call begins with: `count` of them, or what is wrong.
Answer<std::vector<std::string>> read_strings(sd_bus_message* call, std::size_t count) {
    std::vector<std::string> strings;
    sd_bus_message_rewind(call, true);
    for (std::size_t i = 0; i < count; i++) {
        const char* text = nullptr;
        if (sd_bus_message_read(call, "s", &text) <= 0)
            return fault(error::invalid_arguments,
                         fmt::format("{} takes other arguments; see busctl introspect {} {}",
                                     sd_bus_message_get_member(call), bus_name, root_path));
        strings.emplace_back(text);
    }
    sd_bus_message_rewind(call, true);
    return strings;
}

/// The value of a string in the dictionary that the body begins with; empty if there is none.
std::string find_in_filter(sd_bus_message* call, std::string_view wanted) {
    std::string found;
    sd_bus_message_rewind(call, true);
    if (sd_bus_message_enter_container(call, 'a', "{sv}") <= 0)
        return {};
    while (sd_bus_message_enter_container(call, 'e', "sv") > 0) {
        const char *key = nullptr, *text = nullptr, *contents = nullptr;
        if (sd_bus_message_read(call, "s", &key) <= 0 ||
            sd_bus_message_peek_type(call, nullptr, &contents) <= 0)
            break;
        if (key != wanted || std::strcmp(contents, "s") != 0)
            sd_bus_message_skip(call, "v");
        else if (sd_bus_message_read(call, "v", "s", &text) > 0)
            found = text;
        sd_bus_message_exit_container(call);
    }
    sd_bus_message_rewind(call, true);
    return found;
}

Answer<const Row*> row_of(sd_bus_message* call) {
    const std::string interface = text_of(sd_bus_message_get_interface(call));
    const std::string member = text_of(sd_bus_message_get_member(call));
    const Row* row = nullptr;

    if (interface != interface::properties) {
        row = find_row(interface, member, Kind::method);
        if (!row)
            return fault(error::unknown_method, fmt::format("there is no method {} of interface {}",
                                                            quote(member), quote(interface)));
        return row;
    }
    const bool all = member == "GetAll";
    const auto names = read_strings(call, all ? 1 : 2);
    if (!names)
        return std::unexpected(names.error());
    if (all)
        row = find_row((*names)[0], "", Kind::get_all);
    else if (member == "Get" || member == "Set")
        row = find_row((*names)[0], (*names)[1], member == "Get" ? Kind::get : Kind::set);
    if (!row && all)
        return fault(error::unknown_interface, fmt::format("there is no interface {}", quote((*names)[0])));
    if (!row)
        return fault(error::unknown_property,
                     fmt::format("there is no property {} of interface {} for {}", quote(names->back()),
                                 quote((*names)[0]), quote(member)));
    return row;
}

/// The name in the path of a policy's or unit's object.
void add_object(const char* path, Question& question) {
    if (const auto name = decode_path(path, policy_prefix))
        question.details["policy"] = *name;
    else if (const auto unit = decode_path(path, unit_prefix))
        question.details["unit"] = *unit;
}

Answer<void> add_arguments(sd_bus_message* call, Detail detail, Question& question) {
    const std::size_t count = detail == Detail::text || detail == Detail::mode ? 2 : 1;
    const auto strings = read_strings(call, count);

    if (!strings)
        return std::unexpected(strings.error());
    const std::string& name = strings->front();
    if (detail == Detail::unit) {
        question.details["unit"] = name;
        return check_unit_name(name);
    }
    question.details["policy"] = name;
    if (auto checked = check_policy_name(name); !checked)
        return checked;
    if (detail == Detail::text && strings->back().size() > max_text)
        return fault(error::limit_exceeded,
                     fmt::format("the text is larger than {} bytes; put the file into /etc/enforced/policy.d",
                                 max_text));
    if (detail == Detail::mode) {
        question.details["mode"] = strings->back();
        return check_mode(strings->back());
    }
    return {};
}

/// A question about a probation names it, so that the answer holds for no other.
Answer<void> add_probation(sd_bus_message* call, const View& view, Question& question) {
    const auto strings = read_strings(call, 1);

    if (!strings)
        return std::unexpected(strings.error());
    if (!view.probation)
        return fault(error::no_probation, "there is no change on probation");
    if (!strings->front().empty() && strings->front() != view.probation->id)
        return fault(error::no_probation, fmt::format("change {} is not on probation; {} is",
                                                      quote(strings->front()), view.probation->id));
    question.details["probation"] = view.probation->id;
    if (!view.probation->change.policy.empty())
        question.details["policy"] = view.probation->change.policy;
    question.exempt = view.probation->maker.uid;
    return {};
}

Answer<void> add_details(sd_bus_message* call, Detail detail, const View& view, Question& question) {
    switch (detail) {
    case Detail::none:
        break;
    case Detail::policy:
    case Detail::unit:
    case Detail::text:
    case Detail::mode:
        return add_arguments(call, detail, question);
    case Detail::probation:
        return add_probation(call, view, question);
    case Detail::filter:
        for (const char* key : {"unit", "policy"}) {
            if (std::string value = find_in_filter(call, key); !value.empty())
                question.details[key] = std::move(value);
        }
        break;
    case Detail::object:
        add_object(sd_bus_message_get_path(call), question);
        break;
    }
    return {};
}

const char* action_of_change(const Change& change, const View& view) {
    switch (change.verb) {
    case Verb::reload:
        return action::change_runtime;
    case Verb::load: // one that is there may be replaced by one that permits more
        return view.policies.contains(change.policy) ? action::weaken : action::change_runtime;
    case Verb::mode:
        return change.mode == "enforce" ? action::change_runtime : action::weaken;
    case Verb::make_permanent:
        return action::make_permanent;
    case Verb::unload:
    case Verb::release:
        break;
    }
    return action::weaken;
}

const char* action_of(Guard guard, const View& view, const std::map<std::string, std::string>& details) {
    const auto detail = [&](const char* key) {
        const auto found = details.find(key);
        return found == details.end() ? std::string() : found->second;
    };

    switch (guard) {
    case Guard::everyone:
        return nullptr;
    case Guard::read_state:
        return action::read_state;
    case Guard::read_events:
        return action::read_events;
    case Guard::change_runtime:
        return action::change_runtime;
    case Guard::make_permanent:
        return action::make_permanent;
    case Guard::load:
        return action_of_change({Verb::load, detail("policy"), {}, {}}, view);
    case Guard::mode:
        return action_of_change({Verb::mode, detail("policy"), {}, detail("mode")}, view);
    case Guard::confirm: // of a load, too, there is a policy of that name by now
        return action_of_change(view.probation->change, view);
    case Guard::weaken:
    case Guard::revert: // what is undone may be a rule
        break;
    }
    return action::weaken;
}

} // namespace

Answer<Question> question_of(sd_bus_message* call, const View& view) {
    const auto row = row_of(call);
    Question question;

    if (!row)
        return std::unexpected(row.error());
    if ((*row)->guard == Guard::everyone)
        return question;
    if (auto added = add_details(call, (*row)->detail, view, question); !added)
        return std::unexpected(added.error());
    question.details["verb"] = (*row)->verb;
    question.action = action_of((*row)->guard, view, question.details);
    return question;
}

} // namespace enforced::bus
