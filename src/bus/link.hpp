// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "bus/message.hpp"
#include "sdbus/compat.hpp"

struct sd_event;
struct sd_event_source;

namespace enforced::bus {

/// Our place on the system bus. The daemon is there before the bus, and stays when it goes: this waits for
/// the bus without holding anything up, takes our name when all else is ready, and begins anew when the
/// connection is lost.
class Link {
  public:
    struct Events {
        /// The connection is there; what answers on it is to be set up now. What fails is said, and tried
        /// again.
        std::function<Status(sdbus::IConnection&, sd_bus*)> up;
        /// The connection is lost; nothing of it may be used any more.
        std::function<void()> down;
        /// Something for the log, with a priority of syslog's.
        std::function<void(int priority, const std::string& text)> said;
    };

    /// The loop is a loan for as long as this is used.
    static Result<std::unique_ptr<Link>> create(sd_event* event, Events events);
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link();

    /// Null while there is no connection.
    [[nodiscard]] sd_bus* raw() const { return opened_.raw; }

  private:
    struct Disable {
        void operator()(sd_event_source* source) const;
    };

    Link(sd_event* event, Events events) : event_(event), events_(std::move(events)) {}

    static int on_time(sd_event_source*, std::uint64_t, void* self);
    static int on_connected(sd_bus_message*, void* self, sd_bus_error*);
    static int on_disconnected(sd_bus_message*, void* self, sd_bus_error*);
    static int on_name(sd_bus_message* reply, void* self, sd_bus_error*);
    void step_in(std::uint64_t microseconds);
    void step();
    Status greet();
    Status settle();
    Status request_name();
    void drop();
    void complain(const std::string& text);

    sd_event* event_;
    Events events_;
    std::unique_ptr<sd_event_source, Disable> timer_;
    Slot connected_, disconnected_, name_;
    RawBus greeting_; // until the bus has answered
    compat::Opened opened_;
    bool greeted_ = false, lost_ = false, named_ = false;
    std::string complaint_; // the last, so that it is not repeated
};

} // namespace enforced::bus
