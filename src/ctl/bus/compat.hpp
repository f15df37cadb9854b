// SPDX-License-Identifier: GPL-2.0-or-later
/// What differs between sdbus-c++ 1 and 2, as far as enforcectl meets it.
#pragma once

#include <memory>
#include <string>

#include <sdbus-c++/sdbus-c++.h>
#include <systemd/sd-bus.h>

namespace enforced::ctl {

#if ENFORCED_SDBUS_MAJOR >= 2
inline sdbus::ServiceName bus_name(const std::string& name) {
    return sdbus::ServiceName(name);
}
inline sdbus::InterfaceName interface_name(const std::string& name) {
    return sdbus::InterfaceName(name);
}
inline sdbus::MethodName method_name(const std::string& name) {
    return sdbus::MethodName(name);
}
inline void finish_registration(sdbus::IProxy&) {} // each signal is registered at once
#else
inline std::string bus_name(const std::string& name) {
    return name;
}
inline std::string interface_name(const std::string& name) {
    return name;
}
inline std::string method_name(const std::string& name) {
    return name;
}
inline void finish_registration(sdbus::IProxy& proxy) {
    proxy.finishRegistration();
}
#endif

/// Neither version has a way to say for all calls whether polkit may ask the user; sd-bus has. Any message
/// knows its connection.
class RawMessage : public sdbus::MethodCall {
  public:
    static sd_bus* bus_of(const sdbus::MethodCall& message) {
        return sd_bus_message_get_bus(static_cast<sd_bus_message*>(message.*(&RawMessage::msg_)));
    }
};

} // namespace enforced::ctl
