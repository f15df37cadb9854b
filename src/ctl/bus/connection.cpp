// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/connection.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "sdbus/compat.hpp"

namespace enforced::ctl {
namespace {

constexpr const char* service = "org.enforced1";
constexpr const char* root = "/org/enforced1";
constexpr std::uint64_t patience = 180'000'000; // µs: the daemon waits two minutes for a password

using Interfaces = std::map<std::string, Properties>;

auto proxy_of(sdbus::IConnection& connection, const std::string& path) {
    return sdbus::createProxy(connection, compat::service_name(service), sdbus::ObjectPath(path));
}

void allow_questions(sdbus::IConnection& connection, bool allowed) {
    const auto proxy = proxy_of(connection, root);
    const auto message = proxy->createMethodCall(compat::interface_name("org.freedesktop.DBus.Peer"),
                                                 compat::method_name("Ping"));
    sd_bus_set_allow_interactive_authorization(compat::RawMessage::bus_of(message), allowed);
}

} // namespace

Manager::Manager(sdbus::IConnection& connection)
    : ProxyInterfaces(connection, compat::service_name(service), sdbus::ObjectPath(root)) {
    registerProxy();
}

Bus::Bus(std::unique_ptr<Agent> agent, std::unique_ptr<sdbus::IConnection> connection)
    : agent_(std::move(agent)), connection_(std::move(connection)),
      manager_(std::make_unique<Manager>(*connection_)) {}

Result<Bus> Bus::open(const Options& options) {
    try {
        auto connection = sdbus::createSystemBusConnection();
        connection->setMethodCallTimeout(patience);
        allow_questions(*connection, options.ask_password);
        return Bus(std::make_unique<Agent>(options.ask_password), std::move(connection));
    } catch (const sdbus::Error& error) {
        return failure("the system bus cannot be reached (" + std::string(error.getMessage()) +
                       ")\nTo see why: systemctl status dbus");
    }
}

Properties Bus::properties(const std::string& path, const std::string& interface) {
    Properties found;
    proxy_of(*connection_, path)
        ->callMethod("GetAll")
        .onInterface("org.freedesktop.DBus.Properties")
        .withArguments(interface)
        .storeResultsTo(found);
    return found;
}

std::vector<Properties> Bus::objects(const std::string& interface) {
    std::map<sdbus::ObjectPath, Interfaces> all;
    std::vector<Properties> found;
    proxy_of(*connection_, root)
        ->callMethod("GetManagedObjects")
        .onInterface("org.freedesktop.DBus.ObjectManager")
        .storeResultsTo(all);
    for (auto& [path, interfaces] : all) {
        const auto wanted = interfaces.find(interface);
        if (wanted != interfaces.end())
            found.push_back(std::move(wanted->second));
    }
    return found;
}

Result<ManagerState> Bus::manager() {
    return ask([this](Manager&) { return read_manager(properties(root, Manager::INTERFACE_NAME)); });
}

Result<std::vector<PolicyState>> Bus::policies() {
    return ask([this](Manager&) {
        std::vector<PolicyState> all;
        for (const Properties& each : objects("org.enforced1.Policy"))
            all.push_back(read_policy(each));
        std::ranges::sort(all, {}, &PolicyState::name);
        return all;
    });
}

Result<std::vector<UnitState>> Bus::units() {
    return ask([this](Manager&) {
        std::vector<UnitState> all;
        for (const Properties& each : objects("org.enforced1.Unit"))
            all.push_back(read_unit(each));
        std::ranges::sort(all, {}, &UnitState::name);
        return all;
    });
}

Result<PolicyState> Bus::policy(const std::string& name) {
    return ask([&](Manager& manager) {
        return read_policy(properties(manager.GetPolicyByName(name), "org.enforced1.Policy"));
    });
}

Result<UnitState> Bus::unit(const std::string& name) {
    return ask([&](Manager& manager) {
        return read_unit(properties(manager.GetUnitByName(name), "org.enforced1.Unit"));
    });
}

Status Bus::listen(const std::function<void(Manager&)>& again) {
    return ask([&](Manager& manager) {
        // Only the bus itself says who owns a name.
        const auto bus = sdbus::createProxy(*connection_, compat::service_name("org.freedesktop.DBus"),
                                            sdbus::ObjectPath("/org/freedesktop/DBus"));
        bus->uponSignal("NameOwnerChanged")
            .onInterface("org.freedesktop.DBus")
            .call([&](const std::string& name, const std::string&, const std::string& owner) {
                if (name == service && owner.empty())
                    std::fprintf(stderr, "enforcectl: enforced ended; waiting for it to come back\n");
                else if (name == service)
                    again(manager);
            });
        compat::finish_registration(*bus);
        connection_->enterEventLoop();
    });
}

} // namespace enforced::ctl
