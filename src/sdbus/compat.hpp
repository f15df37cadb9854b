// SPDX-License-Identifier: GPL-2.0-or-later
/// sdbus-c++ 1.2 and 2.x, where they differ. The generated glue takes care of the rest.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <sdbus-c++/sdbus-c++.h>
#include <systemd/sd-bus.h>

namespace enforced::compat {

/// A connection, and the sd_bus below it: a loan for as long as the connection is there.
struct Opened {
    std::unique_ptr<sdbus::IConnection> connection;
    sd_bus* raw = nullptr;
};

/// A message knows its connection's sd_bus, which neither version shows otherwise.
class RawMessage : public sdbus::Message {
  public:
    static sd_bus* bus_of(const sdbus::Message& message) {
        return sd_bus_message_get_bus(static_cast<sd_bus_message*>(message.*(&RawMessage::msg_)));
    }
};

#if ENFORCED_SDBUS_MAJOR >= 2

inline sdbus::ServiceName service_name(const std::string& name) {
    return sdbus::ServiceName(name);
}
inline sdbus::InterfaceName interface_name(const std::string& name) {
    return sdbus::InterfaceName(name);
}
inline sdbus::MethodName method_name(const std::string& name) {
    return sdbus::MethodName(name);
}
inline sdbus::Error make_error(const std::string& name, const std::string& message) {
    return sdbus::Error(sdbus::Error::Name(name), message);
}
inline void finish_registration(sdbus::IProxy&) {} // each signal is registered at once

/// Makes a connection of one whose greetings are done. Throws.
template<class Close>
Opened open(std::unique_ptr<sd_bus, Close> greeted) {
    sd_bus* raw = greeted.release();
    return {sdbus::createBusConnection(raw), raw};
}

#else

inline std::string service_name(const std::string& name) {
    return name;
}
inline std::string interface_name(const std::string& name) {
    return name;
}
inline std::string method_name(const std::string& name) {
    return name;
}
inline sdbus::Error make_error(const std::string& name, const std::string& message) {
    return {name, message};
}
inline void finish_registration(sdbus::IProxy& proxy) {
    proxy.finishRegistration();
}

/// sdbus-c++ 1.2 takes no connection that is there, and waits while it makes one of its own. That the other
/// one's greetings are done shows that the bus answers, so that this is a moment. Throws.
template<class Close>
Opened open(std::unique_ptr<sd_bus, Close> greeted) {
    auto connection = sdbus::createSystemBusConnection();
    const auto proxy = sdbus::createProxy(*connection, "org.freedesktop.DBus", "/org/freedesktop/DBus");
    sd_bus* raw = RawMessage::bus_of(proxy->createMethodCall("org.freedesktop.DBus.Peer", "Ping"));
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

} // namespace enforced::compat
