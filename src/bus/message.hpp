// SPDX-License-Identifier: GPL-2.0-or-later
/// What sd-bus hands out, with owners.
#pragma once

#include <systemd/sd-bus.h>

#include <memory>
#include <string>

#include "bus/fault.hpp"

namespace enforced::bus {

struct Unref {
    void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); } // what was not sent is not waited for
    void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
    void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
};

using RawBus = std::unique_ptr<sd_bus, Unref>;
using Message = std::unique_ptr<sd_bus_message, Unref>;
using Slot = std::unique_ptr<sd_bus_slot, Unref>; // what it stands for ends with it

/// One more owner of a message. Messages that were received do not change any more.
inline Message keep(sd_bus_message* message) {
    return Message(sd_bus_message_ref(message));
}

/// Empty if the message has none.
inline std::string text_of(const char* field) {
    return field ? field : "";
}

/// Answers with an error. Who does not want an answer gets none.
inline void reply(sd_bus_message* message, const Fault& fault) {
    sd_bus_reply_method_errorf(message, fault.name, "%s", fault.message.c_str());
}

} // namespace enforced::bus
