// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/authority.hpp"

#include <cerrno>

#include <fmt/format.h>

namespace enforced::bus {
namespace {

constexpr const char* polkit = "org.freedesktop.PolicyKit1";
constexpr const char* polkit_path = "/org/freedesktop/PolicyKit1/Authority";
constexpr const char* polkit_interface = "org.freedesktop.PolicyKit1.Authority";
constexpr std::uint32_t allow_user_interaction = 1;
constexpr std::uint64_t patience = 120'000'000; // µs; a person types a password meanwhile

/// Unique among the questions of this connection, which is all that polkit wants.
std::string cancellation_id(std::uint64_t number) {
    return fmt::format("enforced-{}", number);
}

int append_details(sd_bus_message* call, const Question& question) {
    int result = sd_bus_message_open_container(call, 'a', "{ss}");
    for (const auto& [key, value] : question.details) {
        if (result >= 0)
            result = sd_bus_message_append(call, "{ss}", key.c_str(), value.c_str());
    }
    return result < 0 ? result : sd_bus_message_close_container(call);
}

Ruling ruling_of(sd_bus_message* reply) {
    int authorized = 0, challenge = 0;
    if (sd_bus_message_is_method_error(reply, nullptr))
        return sd_bus_message_is_method_error(reply, "org.freedesktop.PolicyKit1.Error.Cancelled")
                   ? Ruling::no
                   : Ruling::unavailable;
    if (sd_bus_message_enter_container(reply, 'r', "bba{ss}") <= 0 ||
        sd_bus_message_read(reply, "bb", &authorized, &challenge) <= 0)
        return Ruling::unavailable;
    if (authorized)
        return Ruling::yes;
    return challenge ? Ruling::challenge : Ruling::no;
}

} // namespace

void Authority::detach() {
    for (const auto& [number, open] : open_)
        cancel(number);
    open_.clear();
    bus_ = nullptr;
}

int Authority::send(const Question& question, const std::string& sender, bool interactive, Open& open) {
    sd_bus_message* raw = nullptr;
    sd_bus_slot* slot = nullptr;
    int result = bus_ ? sd_bus_message_new_method_call(bus_, &raw, polkit, polkit_path, polkit_interface,
                                                       "CheckAuthorization")
                      : -ENOTCONN;
    const Message call(raw);

    // The bus name, never a process id: that may be another's by the time polkit looks at it.
    if (result >= 0)
        result = sd_bus_message_append(raw, "(sa{sv})s", "system-bus-name", 1, "name", "s", sender.c_str(),
                                       question.action);
    if (result >= 0)
        result = append_details(raw, question);
    if (result >= 0)
        result = sd_bus_message_append(raw, "us", interactive ? allow_user_interaction : 0,
                                       cancellation_id(open.number).c_str());
    if (result >= 0)
        result = sd_bus_call_async(bus_, &slot, raw, on_answer, &open, patience);
    open.slot.reset(slot);
    return result;
}

std::uint64_t Authority::ask(const Question& question, const std::string& sender, bool interactive,
                             Ruled ruled) {
    const std::uint64_t number = ++last_;
    auto open = std::make_unique<Open>(Open{this, number, std::move(ruled), {}});

    if (send(question, sender, interactive, *open) < 0)
        return 0;
    open_.emplace(number, std::move(open));
    return number;
}

void Authority::withdraw(std::uint64_t number) {
    if (open_.erase(number))
        cancel(number);
}

void Authority::cancel(std::uint64_t number) {
    if (bus_) // without a slot no answer is waited for
        sd_bus_call_method_async(bus_, nullptr, polkit, polkit_path, polkit_interface,
                                 "CancelCheckAuthorization", nullptr, nullptr, "s",
                                 cancellation_id(number).c_str());
}

int Authority::on_answer(sd_bus_message* reply, void* data, sd_bus_error*) {
    const auto* open = static_cast<Open*>(data);
    Authority& self = *open->authority;
    const auto node = self.open_.extract(open->number);
    const Ruling ruling = ruling_of(reply);

    if (sd_bus_message_is_method_error(reply, "org.freedesktop.DBus.Error.NoReply") ||
        sd_bus_message_is_method_error(reply, "org.freedesktop.DBus.Error.Timeout"))
        self.cancel(node.key()); // a prompt may still be open
    node.mapped()->ruled(ruling);
    return 1;
}

} // namespace enforced::bus
