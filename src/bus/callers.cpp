// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/callers.hpp"

#include <string_view>

namespace enforced::bus {
namespace {

constexpr const char* driver = "org.freedesktop.DBus";
constexpr const char* driver_path = "/org/freedesktop/DBus";

// Names that are given up. One rule for all of them: rules are bounded by the bus, and a caller costs none.
constexpr const char* names_that_go =
    "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
    "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg2=''";

struct Read {
    std::optional<std::uint32_t> uid;
    std::uint32_t pid = 0;
};

/// Of a{sv}: UnixUserID and ProcessID. There may be more.
Read read_credentials(sd_bus_message* reply) {
    Read read;

    if (sd_bus_message_enter_container(reply, 'a', "{sv}") <= 0)
        return read;
    while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
        const char* key = nullptr;
        std::uint32_t value = 0;
        if (sd_bus_message_read(reply, "s", &key) <= 0)
            return {};
        const std::string_view name = key;
        if (name != "UnixUserID" && name != "ProcessID") {
            if (sd_bus_message_skip(reply, "v") < 0)
                return {};
        } else if (sd_bus_message_read(reply, "v", "u", &value) <= 0) {
            return {};
        } else if (name == "UnixUserID") {
            read.uid = value;
        } else {
            read.pid = value;
        }
        if (sd_bus_message_exit_container(reply) < 0)
            return {};
    }
    return read;
}

} // namespace

Status Callers::attach(sd_bus* bus) {
    sd_bus_slot* slot = nullptr;
    // Asked for before any question about a name, so that no name leaves unseen once its uid is known.
    const int result = sd_bus_add_match_async(bus, &slot, names_that_go, on_change, nullptr, this);
    if (result < 0)
        return failure("watch who leaves the bus", -result);
    match_.reset(slot);
    bus_ = bus;
    return {};
}

void Callers::detach() {
    searches_.clear();
    known_.clear();
    match_.reset();
    bus_ = nullptr;
}

std::optional<std::uint32_t> Callers::uid_of(const std::string& name) const {
    const auto known = known_.find(name);
    return known == known_.end() ? std::nullopt : std::optional(known->second.uid);
}

std::uint32_t Callers::pid_of(const std::string& name) const {
    const auto known = known_.find(name);
    return known == known_.end() ? 0 : known->second.pid;
}

void Callers::find(const std::string& name, Found found) {
    if (const auto uid = uid_of(name)) {
        found(uid);
        return;
    }
    auto [place, fresh] = searches_.try_emplace(name);
    Search& search = place->second;
    search.waiting.push_back(std::move(found));
    if (!fresh)
        return;
    search.callers = this;
    search.name = name;
    sd_bus_slot* slot = nullptr;
    if (bus_ && sd_bus_call_method_async(bus_, &slot, driver, driver_path, driver, "GetConnectionCredentials",
                                         on_answer, &search, "s", name.c_str()) >= 0) {
        search.slot.reset(slot);
        return;
    }
    const auto waiting = std::move(search.waiting);
    searches_.erase(place);
    for (const Found& each : waiting)
        each({});
}

int Callers::on_answer(sd_bus_message* reply, void* data, sd_bus_error*) {
    const auto* search = static_cast<Search*>(data);
    Callers& self = *search->callers;
    const auto node = self.searches_.extract(search->name);
    std::optional<std::uint32_t> uid;

    if (!sd_bus_message_is_method_error(reply, nullptr)) {
        const auto found = read_credentials(reply);
        uid = found.uid;
        if (uid)
            self.known_[node.key()] = {*uid, found.pid};
    }
    for (const Found& each : node.mapped().waiting)
        each(uid);
    return 1;
}

int Callers::on_change(sd_bus_message* signal, void* data, sd_bus_error*) {
    auto& self = *static_cast<Callers*>(data);
    const char *name = nullptr, *before = nullptr, *after = nullptr;

    if (sd_bus_message_read(signal, "sss", &name, &before, &after) <= 0 || *after || *name != ':')
        return 0;
    self.known_.erase(name);
    self.vanished_(name);
    return 0;
}

} // namespace enforced::bus
