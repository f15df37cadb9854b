// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/feed.hpp"

#include <syslog.h>

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "bus/names.hpp"

namespace enforced::bus {
namespace {

/// Errors that say that nobody is there, or does not answer. Any other one is an answer as well.
constexpr const char* silence[] = {
    SD_BUS_ERROR_NO_REPLY,        SD_BUS_ERROR_TIMEOUT,           "org.freedesktop.DBus.Error.TimedOut",
    SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER, SD_BUS_ERROR_DISCONNECTED,
};

bool is_silence(const sd_bus_error* error) {
    return error && std::ranges::any_of(
                        silence, [&](const char* name) { return sd_bus_error_has_name(error, name) > 0; });
}

} // namespace

void Feed::detach() {
    subscribers_.clear();
    bus_ = nullptr;
}

Answer<void> Feed::subscribe(const Caller& caller, EventFilter filter) {
    const auto known = subscribers_.find(caller.name);
    if (known != subscribers_.end()) {
        known->second.filter = std::move(filter);
        return {};
    }
    const auto own =
        std::ranges::count_if(subscribers_, [&](const auto& each) { return each.second.uid == caller.uid; });
    if (static_cast<std::size_t>(own) >= max_each)
        return fault(error::limit_exceeded,
                     fmt::format("this user has {} subscriptions already; end one of them first", max_each));
    if (subscribers_.size() >= max_all)
        return fault(error::limit_exceeded,
                     fmt::format("there are {} subscriptions already; try again later", max_all));
    Subscriber& subscriber = subscribers_[caller.name];
    subscriber.feed = this;
    subscriber.name = caller.name;
    subscriber.uid = caller.uid;
    subscriber.filter = std::move(filter);
    return {};
}

void Feed::publish(const Event& event) {
    std::vector<std::string> full;
    for (auto& [name, subscriber] : subscribers_) {
        if (!wants(subscriber.filter, event))
            continue;
        subscriber.waiting.push_back(event);
        flush(subscriber);
        if (subscriber.waiting.size() > room)
            full.push_back(name);
    }
    for (const std::string& name : full)
        drop(name, "does not read what it was sent");
}

/// Sends what may be sent. What cannot be stays, and is one too many some time.
void Feed::flush(Subscriber& subscriber) {
    while (!subscriber.waiting.empty() && subscriber.unread < window &&
           outlet_.send(subscriber.name, subscriber.waiting.front())) {
        subscriber.waiting.pop_front();
        subscriber.unread++;
    }
    if (subscriber.unread >= window / 2 && !subscriber.question && !ask(subscriber))
        subscriber.unread = 0; // then the bus has to look after itself
}

bool Feed::ask(Subscriber& subscriber) {
    sd_bus_slot* slot = nullptr;
    if (!bus_ || sd_bus_call_method_async(bus_, &slot, subscriber.name.c_str(), "/", interface::peer, "Ping",
                                          on_answer, &subscriber, nullptr) < 0)
        return false;
    subscriber.question.reset(slot);
    subscriber.asked = subscriber.unread;
    return true;
}

int Feed::on_answer(sd_bus_message* reply, void* data, sd_bus_error*) {
    auto& subscriber = *static_cast<Subscriber*>(data);
    Feed& self = *subscriber.feed;
    const Slot answered = std::move(subscriber.question); // it calls us

    if (is_silence(sd_bus_message_get_error(reply))) {
        self.drop(subscriber.name, "does not answer");
        return 1;
    }
    subscriber.unread -= subscriber.asked;
    self.flush(subscriber);
    return 1;
}

void Feed::drop(const std::string& name, const std::string& why) {
    const auto node = subscribers_.extract(name);
    if (node.empty())
        return;
    const std::size_t unsent = node.mapped().waiting.size();
    outlet_.end(name, unsent);
    outlet_.said(LOG_NOTICE, fmt::format("{} (user {}), which subscribed to events, {}; it gets no more, and "
                                         "{} were not sent",
                                         name, node.mapped().uid, why, unsent));
}

} // namespace enforced::bus
