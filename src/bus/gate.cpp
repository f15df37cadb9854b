// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/gate.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "bus/names.hpp"

namespace enforced::bus {
namespace {

constexpr std::uint32_t unknown_uid = 0xffffffff;

std::string sender_of(sd_bus_message* message) {
    return text_of(sd_bus_message_get_sender(message));
}

bool changes(const Question& question) {
    const std::string_view action = question.action;
    return action != action::read_state && action != action::read_events;
}

Fault refusal(const Question& question, Ruling ruling) {
    switch (ruling) {
    case Ruling::challenge:
        return {
            error::interaction_required,
            fmt::format("{} needs an administrator's password, and the call does not allow to ask for one",
                        question.action)};
    case Ruling::unavailable:
        return {error::access_denied,
                fmt::format("polkit cannot be asked whether you are authorized for {}; root needs no polkit",
                            question.action)};
    case Ruling::yes:
    case Ruling::no:
        break;
    }
    return {error::access_denied, fmt::format("you are not authorized for {}", question.action)};
}

} // namespace

Status Gate::attach(sd_bus* bus) {
    sd_bus_slot* slot = nullptr;
    if (const int result = sd_bus_add_filter(bus, &slot, on_message, this); result < 0)
        return failure("guard the bus", -result);
    filter_.reset(slot);
    bus_ = bus;
    return {};
}

void Gate::detach() {
    filter_.reset();
    waiting_.clear();
    permitted_.clear();
    unidentified_.clear();
    bus_ = nullptr;
}

int Gate::on_message(sd_bus_message* message, void* self, sd_bus_error*) {
    std::uint8_t type = 0;
    if (sd_bus_message_get_type(message, &type) < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
        return 0;
    return static_cast<Gate*>(self)->meet(message) ? 0 : 1;
}

/// Whether the call is let through.
bool Gate::meet(sd_bus_message* call) {
    auto question = question_of(call, view_);

    if (!question) {
        permitted_.erase(call);
        refuse(call, question.error());
        return false;
    }
    return judge(call, std::move(*question));
}

bool Gate::judge(sd_bus_message* call, Question question) {
    const std::string sender = sender_of(call);
    const auto uid = callers_.uid_of(sender);

    caller_ = {sender, uid.value_or(unknown_uid)};
    if (!question.action)
        return true;
    if (const auto permitted = permitted_.extract(call); !permitted.empty()) {
        if (permitted.mapped().question == question)
            return true;
        refuse(call, {error::access_denied,
                      "what you were authorized for is no longer what this call would do; try again"});
        return false;
    }
    if (!uid) {
        identify(call, sender);
        return false;
    }
    // Root in a governed unit is not the administrator: it would only have to call here to be free.
    if (*uid == 0 && changes(question) && governed_(callers_.pid_of(sender))) {
        refuse(call, {error::access_denied, "processes of governed units change nothing about enforcement"});
        return false;
    }
    if (*uid == 0 || uid == question.exempt)
        return true;
    ask(call, std::move(question), caller_);
    return false;
}

void Gate::identify(sd_bus_message* call, const std::string& sender) {
    const auto waiting = std::ranges::count_if(
        unidentified_, [&](const auto& each) { return sender_of(each.first) == sender; });

    if (sender.empty() || static_cast<std::size_t>(waiting) >= max_waiting) {
        refuse(call, {error::limit_exceeded, "too many calls at a time; wait for the answers"});
        return;
    }
    unidentified_[call] = keep(call);
    // Kept here too: once its caller has left it is forgotten above, and until the bus says that there is no
    // such name another's call must not come to lie where it lay, and be forgotten in its place.
    callers_.find(
        sender, [this, kept = std::shared_ptr<sd_bus_message>(keep(call))](std::optional<std::uint32_t> uid) {
            const auto node = unidentified_.extract(kept.get());
            if (!node.empty() && uid) // else its caller has left
                begin_anew(kept.get());
        });
}

void Gate::ask(sd_bus_message* call, Question question, Caller caller) {
    const auto waiting = std::ranges::count_if(
        waiting_, [&](const auto& each) { return each.second.caller.uid == caller.uid; });

    if (static_cast<std::size_t>(waiting) >= max_waiting) {
        refuse(call, {error::limit_exceeded,
                      fmt::format("{} calls of yours wait for authorization already; wait for their answers",
                                  max_waiting)});
        return;
    }
    const bool interactive = sd_bus_message_get_allow_interactive_authorization(call) > 0;
    const std::uint64_t number = authority_.ask(question, caller.name, interactive,
                                                [this, call](Ruling ruling) { ruled(call, ruling); });
    if (!number) {
        refuse(call, refusal(question, Ruling::unavailable));
        return;
    }
    waiting_.emplace(call, Waiting{keep(call), std::move(question), std::move(caller), number});
}

void Gate::ruled(sd_bus_message* call, Ruling ruling) {
    auto node = waiting_.extract(call);

    if (node.empty())
        return;
    if (ruling != Ruling::yes) {
        const bool interactive = sd_bus_message_get_allow_interactive_authorization(call) > 0;
        // A challenge that was put, and not met.
        refuse(call, refusal(node.mapped().question,
                             interactive && ruling == Ruling::challenge ? Ruling::no : ruling));
        return;
    }
    permitted_.insert(std::move(node));
    begin_anew(call);
}

void Gate::begin_anew(sd_bus_message* call) {
    if (const int result = sd_bus_enqueue_for_read(bus_, call); result < 0) {
        permitted_.erase(call);
        refuse(call, {error::failed, "the call cannot be handled; try again"});
    }
}

void Gate::refuse(sd_bus_message* call, const Fault& fault) {
    reply(call, fault);
}

void Gate::vanished(const std::string& name) {
    std::erase_if(waiting_, [&](const auto& each) {
        if (each.second.caller.name != name)
            return false;
        authority_.withdraw(each.second.number);
        return true;
    });
    std::erase_if(unidentified_, [&](const auto& each) { return sender_of(each.first) == name; });
    std::erase_if(permitted_, [&](const auto& each) { return each.second.caller.name == name; });
}

} // namespace enforced::bus
