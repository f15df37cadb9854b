// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bus/service.hpp"
#include "bus/wire.hpp"
#include "org.enforced1.Policy.adaptor.hpp"

namespace enforced::bus {

/// An object /org/enforced1/policy/NAME.
class PolicyObject : public sdbus::AdaptorInterfaces<org::enforced1::Policy_adaptor> {
  public:
    /// All are loans; the view has a policy of that name for as long as this is there.
    PolicyObject(sdbus::IConnection& connection, Service& service, const View& view, const std::string& name);
    ~PolicyObject();

  private:
    std::string Name() override { return name_; }
    std::string Description() override;
    std::vector<std::string> Files() override { return wire(policy().files); }
    std::string Layer() override { return policy().layer; }
    std::string Mode() override { return policy().mode; }
    std::string RuntimeMode() override { return policy().runtime_mode; }
    std::string OnUnsupported() override { return policy().on_unsupported; }
    std::string State() override { return policy().state; }
    std::vector<std::string> Units() override { return wire(policy().units); }
    std::vector<std::string> UserUnits() override { return wire(policy().user_units); }
    std::vector<std::string> Users() override { return wire(policy().users); }
    std::vector<std::string> ReleaseTo() override { return wire(policy().release_to); }
    std::vector<std::string> GovernedUnits() override;
    std::vector<WireRule> Rules() override;
    std::vector<WireGap> NotInForce() override { return wire(policy().gaps); }
    std::string Text() override;

    [[nodiscard]] const bus::Policy& policy() const { return view_.policies.at(name_); }

    Service& service_;
    const View& view_;
    std::string name_;
};

/// The properties that announce changes and whose values differ, by name.
std::vector<std::string> changes(const Policy& before, const Policy& after);

} // namespace enforced::bus
