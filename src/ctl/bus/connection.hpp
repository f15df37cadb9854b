// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <org.enforced1.Manager.proxy.hpp>

#include "base/result.hpp"
#include "ctl/bus/agent.hpp"
#include "ctl/bus/errors.hpp"
#include "ctl/bus/event.hpp"
#include "ctl/bus/state.hpp"
#include "ctl/options.hpp"

namespace enforced::ctl {

/// The manager of org.enforced1. Its methods throw sdbus::Error: call them within Bus::ask.
class Manager final : public sdbus::ProxyInterfaces<org::enforced1::Manager_proxy> {
  public:
    explicit Manager(sdbus::IConnection& connection);
    ~Manager() { unregisterProxy(); }

    // What subscribers are sent: an event, or that there will be no more, and how many were not sent.
    std::function<void(const Event&)> heard;
    std::function<void(std::uint64_t)> ended;

  private:
    void onEvent(const Properties& event) override { heard(read_event(event)); }
    void onSubscriptionEnded(const std::uint64_t& unsent) override { ended(unsent); }
};

/// The way to the daemon. Others may be asked for a password on the way.
class Bus {
  public:
    static Result<Bus> open(const Options& options);

    /// What `call` returns, which is given the manager, or the sentence for what it threw.
    template<class Call>
    auto ask(Call call) -> Result<std::invoke_result_t<Call, Manager&>> {
        try {
            if constexpr (std::is_void_v<std::invoke_result_t<Call, Manager&>>) {
                call(*manager_);
                return {};
            } else {
                return call(*manager_);
            }
        } catch (const sdbus::Error& error) {
            return std::unexpected(sentence(error.getName(), error.getMessage()));
        }
    }

    Result<ManagerState> manager();
    Result<std::vector<PolicyState>> policies(); // by name
    Result<std::vector<UnitState>> units();      // by name
    Result<PolicyState> policy(const std::string& name);
    Result<UnitState> unit(const std::string& name);

    /// Hands on signals until the process is ended. Whenever the daemon comes back after it had ended,
    /// `again` is called first.
    Status listen(const std::function<void(Manager&)>& again);

  private:
    Bus(std::unique_ptr<Agent> agent, std::unique_ptr<sdbus::IConnection> connection);

    Properties properties(const std::string& path, const std::string& interface);
    std::vector<Properties> objects(const std::string& interface);

    std::unique_ptr<Agent> agent_;
    std::unique_ptr<sdbus::IConnection> connection_;
    std::unique_ptr<Manager> manager_;
};

} // namespace enforced::ctl
