// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bus/gate.hpp"
#include "bus/log_control.hpp"
#include "bus/manager.hpp"
#include "bus/message.hpp"
#include "bus/policy_object.hpp"
#include "bus/service.hpp"
#include "bus/unit_object.hpp"
#include "bus/view.hpp"

namespace enforced::bus {

/// The objects on one connection. Signals reach everyone on the bus, and nobody is asked about them: they
/// tell which objects come and go, and which properties changed, but no values.
class Tree {
  public:
    /// All are loans for as long as this is used. Throws.
    Tree(sdbus::IConnection& connection, sd_bus* bus, Service& service, const View& view, const Gate& gate,
         Feed& feed);

    /// The view has changed; `before` is what it was.
    void update(const View& before);

    Manager& manager() { return manager_; }

  private:
    template<class Object, class Value>
    void update(std::map<std::string, std::unique_ptr<Object>>& objects,
                const std::map<std::string, Value>& before, const std::map<std::string, Value>& after,
                const char* prefix, const char* interface);
    void announce(const std::string& path, const char* interface, std::vector<std::string> properties);
    void announce_coming(const std::string& path, const char* interface);
    void announce_going(const std::string& path, const char* interface);

    sdbus::IConnection& connection_;
    sd_bus* bus_;
    Service& service_;
    const View& view_;
    Slot object_manager_;
    Manager manager_;
    LogControl log_control_;
    std::map<std::string, std::unique_ptr<PolicyObject>> policies_;
    std::map<std::string, std::unique_ptr<UnitObject>> units_;
};

} // namespace enforced::bus
