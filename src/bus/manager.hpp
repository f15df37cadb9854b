// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bus/feed.hpp"
#include "bus/gate.hpp"
#include "bus/service.hpp"
#include "bus/wire.hpp"
#include "org.enforced1.Manager.adaptor.hpp"

namespace enforced::bus {

/// The object /org/enforced1. Who comes this far may do what is asked for: the gate stands before it.
class Manager : public sdbus::AdaptorInterfaces<org::enforced1::Manager_adaptor> {
  public:
    /// All are loans for as long as this is used.
    Manager(sdbus::IConnection& connection, sd_bus* bus, Service& service, const View& view, const Gate& gate,
            Feed& feed);
    ~Manager();

    /// Sends the signals to one caller. False if that cannot be done.
    bool send_event(const std::string& name, const Event& event);
    bool send_end(const std::string& name, std::uint64_t unsent);

  private:
    std::string Reload(const Dictionary& options) override;
    std::vector<WireDiagnostic> Check(const std::string& name, const std::string& text,
                                      const Dictionary& options) override;
    std::tuple<sdbus::ObjectPath, std::string> LoadPolicy(const std::string& name, const std::string& text,
                                                          const Dictionary& options) override;
    std::string UnloadPolicy(const std::string& name, const Dictionary& options) override;
    std::string SetMode(const std::string& name, const std::string& mode, const Dictionary& options) override;
    std::tuple<std::vector<std::string>, std::string> MakePermanent(const std::string& name,
                                                                    const Dictionary& options) override;
    std::string Release(const Dictionary& options) override;
    void Confirm(const std::string& probation, const Dictionary& options) override;
    void Revert(const std::string& probation, const Dictionary& options) override;
    sdbus::ObjectPath GetPolicyByName(const std::string& name) override;
    sdbus::ObjectPath GetUnitByName(const std::string& name) override;
    std::vector<WireFeature> TryFeatures(const Dictionary& options) override;
    sdbus::UnixFd DumpState(const Dictionary& options) override;
    void QueryEvents(sdbus::Result<std::vector<Dictionary>, std::string, bool>&& result, Dictionary filter,
                     Dictionary options) override;
    void Explain(sdbus::Result<Dictionary>&& result, std::string event, Dictionary options) override;
    void Subscribe(const Dictionary& filter) override;
    void Unsubscribe() override;

    std::string Version() override { return view_.version; }
    std::string State() override { return view_.state; }
    std::string Status() override;
    std::uint32_t Generation() override { return view_.generation; }
    std::vector<WireFeature> Features() override { return wire(view_.features); }
    std::map<std::string, std::uint64_t> Counters() override { return service_.counters(); }
    std::vector<WireDiagnostic> Diagnostics() override { return wire(view_.diagnostics); }
    std::vector<WireGap> NotInForce() override { return wire(view_.gaps); }
    std::map<std::string, std::string> Weaknesses() override { return view_.weaknesses; }
    Dictionary Probation() override;

    Changed make(const Change& change, const Dictionary& options);

    bool send(const std::string& name, const char* signal, const std::function<int(sd_bus_message*)>& fill);

    sd_bus* bus_;
    Service& service_;
    const View& view_;
    const Gate& gate_;
    Feed& feed_;
};

/// The properties whose values differ, by name.
std::vector<std::string> changes(const View& before, const View& after);

} // namespace enforced::bus
