// SPDX-License-Identifier: GPL-2.0-or-later
// What of Manager has to do with events.
#include "bus/manager.hpp"

namespace enforced::bus {
namespace {

const Fault not_yet = {"org.freedesktop.DBus.Error.NotSupported",
                       "events cannot be asked for over D-Bus yet"};

} // namespace

void Manager::QueryEvents(sdbus::Result<std::vector<compat::Options>, std::string, bool>&& result,
                          compat::Options /*filter*/, compat::Options /*options*/) {
    result.returnError(compat::make_error(not_yet));
}

void Manager::Explain(sdbus::Result<compat::Options>&& result, std::string /*event*/,
                      compat::Options /*options*/) {
    result.returnError(compat::make_error(not_yet));
}

void Manager::Subscribe(const compat::Options& /*filter*/) {
    throw compat::make_error(not_yet);
}

void Manager::Unsubscribe() {}

} // namespace enforced::bus
