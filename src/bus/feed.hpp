// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "bus/change.hpp"
#include "bus/event.hpp"
#include "bus/fault.hpp"
#include "bus/message.hpp"

namespace enforced::bus {

/// Sends events, as they happen, to those who subscribed. The bus takes what is sent whether it is read or
/// not, and keeps it in its own memory. So each of them is asked now and then, by org.freedesktop.DBus.Peer's
/// Ping, which every library answers by itself and in turn: who answers has read what came before. Without
/// that, no more than `window` is sent; what comes then waits here, and who lets `room` of it come together,
/// or is asked in vain, has no subscription any more.
class Feed {
  public:
    static constexpr std::size_t window = 128;                 // events that were sent and may be unread
    static constexpr std::size_t room = 1024;                  // events that wait
    static constexpr std::size_t max_each = 16, max_all = 256; // subscriptions of one user, and of everybody

    struct Outlet {
        /// Sends an event to one caller. False if that cannot be done.
        std::function<bool(const std::string& name, const Event& event)> send;
        /// Tells one whose subscription has ended, after so many events that were not sent.
        std::function<void(const std::string& name, std::uint64_t unsent)> end;
        std::function<void(int priority, const std::string& text)> said; // for the log
    };

    explicit Feed(Outlet outlet) : outlet_(std::move(outlet)) {}

    /// The bus is a loan until `detach`, which forgets all subscriptions.
    void attach(sd_bus* bus) { bus_ = bus; }
    void detach();

    Answer<void> subscribe(const Caller& caller, EventFilter filter);
    void unsubscribe(const std::string& name) { subscribers_.erase(name); }

    void publish(const Event& event);

    [[nodiscard]] std::size_t size() const { return subscribers_.size(); }

  private:
    struct Subscriber {
        Feed* feed = nullptr;
        std::string name;
        std::uint32_t uid = 0;
        EventFilter filter;
        std::deque<Event> waiting;
        std::size_t unread = 0; // that were sent, as far as is known
        std::size_t asked = 0;  // of these, sent before the question that is not answered
        Slot question;
    };

    static int on_answer(sd_bus_message* reply, void* subscriber, sd_bus_error*);
    void flush(Subscriber& subscriber);
    bool ask(Subscriber& subscriber);
    void drop(const std::string& name, const std::string& why);

    Outlet outlet_;
    sd_bus* bus_ = nullptr;
    std::map<std::string, Subscriber> subscribers_; // by name on the bus
};

} // namespace enforced::bus
