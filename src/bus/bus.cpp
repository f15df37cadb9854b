// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/bus.hpp"

#include <fmt/format.h>

namespace enforced::bus {

Bus::Bus(Service& service, Events events)
    : service_(service), events_(std::move(events)), callers_([this](const std::string& name) {
          gate_.vanished(name);
          feed_.unsubscribe(name);
          events_.left(name);
      }),
      gate_(view_, callers_, authority_, [this](std::uint32_t pid) { return service_.governs(pid); }),
      feed_({[this](const std::string& name, const Event& event) {
                 return tree_ && tree_->manager().send_event(name, event);
             },
             [this](const std::string& name, std::uint64_t unsent) {
                 if (tree_)
                     tree_->manager().send_end(name, unsent);
             },
             [this](int priority, const std::string& text) { events_.said(priority, text); }}) {}

Result<std::unique_ptr<Bus>> Bus::create(sd_event* event, Service& service, Events events) {
    std::unique_ptr<Bus> bus(new Bus(service, std::move(events)));
    auto link = Link::create(event, {[self = bus.get()](sdbus::IConnection& connection, sd_bus* raw) {
                                         return self->up(connection, raw);
                                     },
                                     [self = bus.get()] { self->down(); }, bus->events_.said});
    if (!link)
        return std::unexpected(link.error());
    bus->link_ = std::move(*link);
    return bus;
}

Status Bus::up(sdbus::IConnection& connection, sd_bus* bus) {
    // The gate first: nothing can be called that it does not see.
    if (auto attached = gate_.attach(bus); !attached)
        return attached;
    if (auto attached = callers_.attach(bus); !attached)
        return attached;
    authority_.attach(bus);
    feed_.attach(bus);
    try {
        tree_.emplace(connection, bus, service_, view_, gate_, feed_);
    } catch (const sdbus::Error& error) {
        return failure("set up what is on D-Bus: " + error.getMessage());
    }
    events_.up();
    return {};
}

void Bus::down() {
    tree_.reset();
    feed_.detach();
    authority_.detach();
    gate_.detach();
    callers_.detach();
    events_.down();
}

void Bus::publish(View view) {
    const View before = std::exchange(view_, std::move(view));
    if (tree_)
        tree_->update(before);
}

std::string Bus::id() const {
    sd_id128_t id = {};
    char text[SD_ID128_STRING_MAX] = {};
    if (!link_ || !link_->raw() || sd_bus_get_bus_id(link_->raw(), &id) < 0)
        return {};
    return sd_id128_to_string(id, text);
}

} // namespace enforced::bus
