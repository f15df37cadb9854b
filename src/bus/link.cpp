// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/link.hpp"

#include <syslog.h>
#include <systemd/sd-event.h>

#include <cstdlib>

#include <fmt/format.h>

#include "bus/names.hpp"

namespace enforced::bus {
namespace {

constexpr std::uint64_t second = 1'000'000; // µs
constexpr std::uint64_t retry = 5 * second;
// A socket that is there and that nobody answers at: the bus may be starting, or be stuck.
constexpr std::uint64_t patience = 30 * second;

constexpr const char* local = "org.freedesktop.DBus.Local";
constexpr const char* local_path = "/org/freedesktop/DBus/Local";
constexpr const char* default_address = "unix:path=/run/dbus/system_bus_socket";

const char* address() {
    const char* other = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");
    return other ? other : default_address;
}

/// Connected and Disconnected come from sd-bus itself.
Slot match_local(sd_bus* bus, const char* member, sd_bus_message_handler_t handler, void* self) {
    sd_bus_slot* slot = nullptr;
    (void)sd_bus_match_signal_async(bus, &slot, local, local_path, local, member, handler, nullptr, self);
    return Slot(slot);
}

} // namespace

void Link::Disable::operator()(sd_event_source* source) const {
    sd_event_source_disable_unref(source);
}

Result<std::unique_ptr<Link>> Link::create(sd_event* event, Events events) {
    std::unique_ptr<Link> link(new Link(event, std::move(events)));
    sd_event_source* timer = nullptr;

    if (const int result = sd_event_add_time(event, &timer, CLOCK_MONOTONIC, 0, 0, on_time, link.get());
        result < 0)
        return failure("create a timer", -result);
    link->timer_.reset(timer);
    link->step_in(0);
    return link;
}

Link::~Link() {
    name_.reset();
    disconnected_.reset();
    connected_.reset();
    compat::close(opened_);
}

void Link::step_in(std::uint64_t microseconds) {
    sd_event_source_set_time_relative(timer_.get(), microseconds);
    sd_event_source_set_enabled(timer_.get(), SD_EVENT_ONESHOT);
}

int Link::on_time(sd_event_source*, std::uint64_t, void* self) {
    static_cast<Link*>(self)->step();
    return 0;
}

// A connection is not to be destroyed while it calls: the rest is done in a step of the loop.
int Link::on_connected(sd_bus_message*, void* data, sd_bus_error*) {
    auto& self = *static_cast<Link*>(data);
    self.greeted_ = true;
    self.step_in(0);
    return 0;
}

int Link::on_disconnected(sd_bus_message*, void* data, sd_bus_error*) {
    auto& self = *static_cast<Link*>(data);
    self.lost_ = true;
    self.step_in(0);
    return 0;
}

void Link::complain(const std::string& text) {
    if (text != complaint_)
        events_.said(LOG_WARNING, text + "; what is in force is not affected");
    complaint_ = text;
}

void Link::drop() {
    const bool was_up = opened_.raw != nullptr;
    if (was_up)
        events_.down();
    name_.reset();
    disconnected_.reset();
    connected_.reset();
    compat::close(opened_);
    greeting_.reset();
    greeted_ = lost_ = named_ = false;
}

void Link::step() {
    Status done;

    if (lost_) {
        if (opened_.raw)
            complain("the connection to D-Bus is lost; it will be tried again");
        drop();
        step_in(retry / 5);
        return;
    }
    if (opened_.raw) {
        done = named_ ? Status{} : request_name();
    } else if (greeted_) {
        done = settle();
    } else {
        drop(); // what did not answer in time
        done = greet();
    }
    if (!done) {
        complain(done.error().message);
        if (!opened_.raw)
            drop();
        step_in(retry);
    }
}

/// Everything up to the answer to Hello happens on the loop. sd-bus waits for the socket to appear by itself.
Status Link::greet() {
    sd_bus* raw = nullptr;
    int result = sd_bus_new(&raw);
    RawBus bus(raw);

    if (result >= 0)
        result = sd_bus_set_address(raw, address());
    if (result >= 0)
        result = sd_bus_set_bus_client(raw, true);
    if (result >= 0)
        result = sd_bus_set_watch_bind(raw, true);
    if (result >= 0)
        result = sd_bus_set_connected_signal(raw, true);
    if (result >= 0)
        result = sd_bus_start(raw);
    if (result >= 0)
        result = sd_bus_attach_event(raw, event_, SD_EVENT_PRIORITY_NORMAL);
    if (result < 0)
        return failure("connect to D-Bus", -result);
    connected_ = match_local(raw, "Connected", on_connected, this);
    disconnected_ = match_local(raw, "Disconnected", on_disconnected, this);
    greeting_ = std::move(bus);
    step_in(patience);
    return {};
}

Status Link::settle() {
    connected_.reset();
    disconnected_.reset();
    try {
        opened_ = compat::open(std::move(greeting_));
    } catch (const sdbus::Error& error) {
        return failure("connect to D-Bus: " + error.getMessage());
    }
    disconnected_ = match_local(opened_.raw, "Disconnected", on_disconnected, this);
    if (auto done = events_.up(*opened_.connection, opened_.raw); !done) {
        drop();
        return done;
    }
    return request_name();
}

/// Last: who sees the name may call.
Status Link::request_name() {
    sd_bus_slot* slot = nullptr;
    const int result = sd_bus_request_name_async(opened_.raw, &slot, bus_name, 0, on_name, this);
    if (result < 0)
        return failure(fmt::format("take the name {} on D-Bus", bus_name), -result);
    name_.reset(slot);
    return {};
}

int Link::on_name(sd_bus_message* reply, void* data, sd_bus_error*) {
    auto& self = *static_cast<Link*>(data);
    std::uint32_t outcome = 0;

    if (const sd_bus_error* error = sd_bus_message_get_error(reply)) {
        self.complain(fmt::format("the name {} cannot be had on D-Bus ({}); is {}.conf installed in "
                                  "/usr/share/dbus-1/system.d?",
                                  bus_name, text_of(error->message), bus_name));
        self.step_in(patience);
    } else if (sd_bus_message_read(reply, "u", &outcome) <= 0 || (outcome != 1 && outcome != 4)) {
        self.complain(fmt::format("another process has the name {} on D-Bus", bus_name));
        self.step_in(patience);
    } else {
        self.named_ = true;
        self.complaint_.clear();
        self.events_.said(LOG_DEBUG, fmt::format("{} is on D-Bus", bus_name));
    }
    return 0;
}

} // namespace enforced::bus
