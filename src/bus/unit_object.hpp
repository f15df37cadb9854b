// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bus/service.hpp"
#include "bus/wire.hpp"
#include "org.enforced1.Unit.adaptor.hpp"

namespace enforced::bus {

/// An object /org/enforced1/unit/NAME.
class UnitObject : public sdbus::AdaptorInterfaces<org::enforced1::Unit_adaptor> {
  public:
    /// All are loans; the view has a unit of that name for as long as this is there.
    UnitObject(sdbus::IConnection& connection, Service& service, const View& view, const std::string& name);
    ~UnitObject();

  private:
    std::string Name() override;
    std::string ControlGroup() override;
    std::uint64_t ControlGroupId() override { return unit().cgroup_id; }
    std::string InvocationId() override { return unit().invocation; }
    std::vector<std::string> Policies() override { return wire(unit().policies); }
    std::string Mode() override { return unit().mode; }
    std::vector<WireRule> Rules() override;
    std::map<std::string, std::uint64_t> Hits() override;
    std::vector<WireCoverage> Coverage() override { return wire(unit().coverage); }

    [[nodiscard]] const bus::Unit& unit() const { return view_.units.at(name_); }

    Service& service_;
    const View& view_;
    std::string name_;
};

/// The properties that announce changes and whose values differ, by name.
std::vector<std::string> changes(const Unit& before, const Unit& after);

} // namespace enforced::bus
