// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "bus/names.hpp"
#include "bus/service.hpp"
#include "bus/wire.hpp"
#include "org.freedesktop.LogControl1.adaptor.hpp"

namespace enforced::bus {

/// The object /org/freedesktop/LogControl1, for `systemctl service-log-level` and its like.
class LogControl : public sdbus::AdaptorInterfaces<org::freedesktop::LogControl1_adaptor> {
  public:
    /// Both are loans for as long as this is used.
    LogControl(sdbus::IConnection& connection, Service& service)
        : AdaptorInterfaces(connection, sdbus::ObjectPath(log_path)), service_(service) {
        registerAdaptor();
    }
    ~LogControl() { unregisterAdaptor(); }

  private:
    std::string LogLevel() override { return service_.log_level(); }
    void LogLevel(const std::string& level) override { unwrap(service_.set_log_level(level)); }
    std::string LogTarget() override { return service_.log_target(); }
    void LogTarget(const std::string& target) override { unwrap(service_.set_log_target(target)); }
    std::string SyslogIdentifier() override { return "enforced"; }

    Service& service_;
};

} // namespace enforced::bus
