// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/tree.hpp"

#include "bus/names.hpp"
#include "bus/strings.hpp"

namespace enforced::bus {
namespace {

Slot manage_objects(sd_bus* bus) {
    sd_bus_slot* slot = nullptr;
    if (const int result = sd_bus_add_object_manager(bus, &slot, root_path); result < 0)
        throw sdbus::createError(-result, "add the object manager");
    return Slot(slot);
}

Message new_signal(sd_bus* bus, const char* member) {
    sd_bus_message* signal = nullptr;
    sd_bus_message_new_signal(bus, &signal, root_path, interface::object_manager, member);
    return Message(signal);
}

} // namespace

Tree::Tree(sdbus::IConnection& connection, sd_bus* bus, Service& service, const View& view, const Gate& gate,
           Feed& feed)
    : connection_(connection), bus_(bus), service_(service), view_(view),
      object_manager_(manage_objects(bus)), manager_(connection, bus, service, view, gate, feed),
      log_control_(connection, service) {
    for (const auto& [name, policy] : view.policies)
        policies_[name] = std::make_unique<PolicyObject>(connection, service, view, name);
    for (const auto& [name, unit] : view.units)
        units_[name] = std::make_unique<UnitObject>(connection, service, view, name);
}

void Tree::update(const View& before) {
    update(policies_, before.policies, view_.policies, policy_prefix, interface::policy);
    update(units_, before.units, view_.units, unit_prefix, interface::unit);
    announce(root_path, interface::manager, changes(before, view_));
}

template<class Object, class Value>
void Tree::update(std::map<std::string, std::unique_ptr<Object>>& objects,
                  const std::map<std::string, Value>& before, const std::map<std::string, Value>& after,
                  const char* prefix, const char* interface) {
    for (const auto& [name, value] : before) {
        if (after.contains(name))
            continue;
        announce_going(encode_path(prefix, name), interface);
        objects.erase(name);
    }
    for (const auto& [name, value] : after) {
        const std::string path = encode_path(prefix, name);
        if (const auto old = before.find(name); old != before.end()) {
            announce(path, interface, changes(old->second, value));
            continue;
        }
        objects[name] = std::make_unique<Object>(connection_, service_, view_, name);
        announce_coming(path, interface);
    }
}

void Tree::announce(const std::string& path, const char* interface, std::vector<std::string> properties) {
    std::vector<char*> names;
    for (std::string& property : properties)
        names.push_back(property.data());
    if (names.empty())
        return;
    names.push_back(nullptr);
    sd_bus_emit_properties_changed_strv(bus_, path.c_str(), interface, names.data());
}

// Not by sd-bus itself: that would send the values along.
void Tree::announce_coming(const std::string& path, const char* interface) {
    const Message signal = new_signal(bus_, "InterfacesAdded");
    if (signal && sd_bus_message_append(signal.get(), "oa{sa{sv}}", path.c_str(), 1, interface, 0) >= 0)
        sd_bus_send(bus_, signal.get(), nullptr);
}

void Tree::announce_going(const std::string& path, const char* interface) {
    const Message signal = new_signal(bus_, "InterfacesRemoved");
    if (signal && sd_bus_message_append(signal.get(), "oas", path.c_str(), 1, interface) >= 0)
        sd_bus_send(bus_, signal.get(), nullptr);
}

} // namespace enforced::bus
