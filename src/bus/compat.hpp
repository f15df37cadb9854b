// SPDX-License-Identifier: GPL-2.0-or-later
/// sdbus-c++ 1.2 and 2.x, where they differ. The generated glue takes care of the rest.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <memory>
#include <string>

#include "bus/fault.hpp"
#include "bus/message.hpp"

namespace enforced::bus::compat {

using Options = std::map<std::string, sdbus::Variant>;

/// A connection, and the sd_bus below it: a loan for as long as the connection is there.
struct Opened {
    std::unique_ptr<sdbus::IConnection> connection;
    sd_bus* raw = nullptr;
};

#if ENFORCED_SDBUS_MAJOR >= 2

inline sdbus::Error make_error(const Fault& fault) {
    return sdbus::Error(sdbus::Error::Name(fault.name), fault.message);
}

/// Makes a connection of one whose greetings are done. Throws.
inline Opened open(RawBus greeted) {
    sd_bus* raw = greeted.release();
    return {sdbus::createBusConnection(raw), raw};
}

#else

/// sdbus-c++ 1.2 keeps the sd_bus to itself, but its messages know it.
class Opener : public sdbus::Message {
  public:
    static sd_bus* bus_of(const sdbus::Message& message) {
        return sd_bus_message_get_bus(static_cast<sd_bus_message*>(message.*(&Opener::msg_)));
    }
};

inline sdbus::Error make_error(const Fault& fault) {
    return {fault.name, fault.message};
}

/// sdbus-c++ 1.2 takes no connection that is there, and waits while it makes one of its own. That the other
/// one's greetings are done shows that the bus answers, so that this is a moment. Throws.
inline Opened open(RawBus greeted) {
    auto connection = sdbus::createSystemBusConnection();
    const auto proxy = sdbus::createProxy(*connection, "org.freedesktop.DBus", "/org/freedesktop/DBus");
    sd_bus* raw = Opener::bus_of(proxy->createMethodCall("org.freedesktop.DBus.Peer", "Ping"));
    sd_event* event = sd_bus_get_event(greeted.get());
    if (const int result = sd_bus_attach_event(raw, event, 0); result < 0)
        throw sdbus::createError(-result, "attach the connection to the loop");
    return {std::move(connection), raw};
}

#endif

/// Closes a connection without waiting for what was not sent.
inline void close(Opened& opened) {
    if (opened.raw) {
        sd_bus_detach_event(opened.raw);
        sd_bus_close(opened.raw);
    }
    opened.connection.reset();
    opened.raw = nullptr;
}

} // namespace enforced::bus::compat
