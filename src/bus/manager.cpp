// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/manager.hpp"

#include <time.h>

#include <fmt/format.h>

#include "base/quote.hpp"
#include "bus/dump.hpp"
#include "bus/names.hpp"
#include "bus/options.hpp"
#include "bus/strings.hpp"

namespace enforced::bus {
namespace {

std::uint64_t boot_time() {
    timespec time = {};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}

} // namespace

Manager::Manager(sdbus::IConnection& connection, sd_bus* bus, Service& service, const View& view,
                 const Gate& gate, Feed& feed)
    : AdaptorInterfaces(connection, sdbus::ObjectPath(root_path)), bus_(bus), service_(service), view_(view),
      gate_(gate), feed_(feed) {
    registerAdaptor();
}

Manager::~Manager() {
    unregisterAdaptor();
}

Changed Manager::make(const Change& change, const Dictionary& options) {
    const Terms terms = unwrap(read_terms(options));
    return unwrap(service_.change(change, terms, gate_.caller()));
}

std::string Manager::Reload(const Dictionary& options) {
    return make({Verb::reload, {}, {}, {}}, options).probation;
}

std::tuple<sdbus::ObjectPath, std::string>
Manager::LoadPolicy(const std::string& name, const std::string& text, const Dictionary& options) {
    const Changed changed = make({Verb::load, name, text, {}}, options);
    return {sdbus::ObjectPath(encode_path(policy_prefix, name)), changed.probation};
}

std::string Manager::UnloadPolicy(const std::string& name, const Dictionary& options) {
    return make({Verb::unload, name, {}, {}}, options).probation;
}

std::string Manager::SetMode(const std::string& name, const std::string& mode, const Dictionary& options) {
    return make({Verb::mode, name, {}, mode}, options).probation;
}

std::tuple<std::vector<std::string>, std::string> Manager::MakePermanent(const std::string& name,
                                                                         const Dictionary& options) {
    Changed changed = make({Verb::make_permanent, name, {}, {}}, options);
    return {std::move(changed.files), std::move(changed.probation)};
}

std::string Manager::Release(const Dictionary& options) {
    return make({Verb::release, {}, {}, {}}, options).probation;
}

void Manager::Confirm(const std::string& /*probation*/, const Dictionary& options) {
    unwrap(expect_none(options));
    unwrap(service_.confirm());
}

void Manager::Revert(const std::string& /*probation*/, const Dictionary& options) {
    unwrap(expect_none(options));
    unwrap(service_.revert());
}

std::vector<WireDiagnostic> Manager::Check(const std::string& name, const std::string& text,
                                           const Dictionary& options) {
    unwrap(expect_none(options));
    return wire(service_.check(name, text));
}

sdbus::ObjectPath Manager::GetPolicyByName(const std::string& name) {
    if (!view_.policies.contains(name))
        throw to_error({error::no_such_policy, fmt::format("there is no policy {}", quote(name))});
    return sdbus::ObjectPath(encode_path(policy_prefix, name));
}

sdbus::ObjectPath Manager::GetUnitByName(const std::string& name) {
    service_.refresh_units();
    if (!view_.units.contains(name))
        throw to_error(
            {error::no_such_unit,
             fmt::format("there is no unit {} that a policy governs; systemctl status says whether it runs",
                         quote(name))});
    return sdbus::ObjectPath(encode_path(unit_prefix, name));
}

std::vector<WireFeature> Manager::TryFeatures(const Dictionary& options) {
    unwrap(expect_none(options));
    unwrap(service_.try_features());
    return wire(view_.features);
}

sdbus::UnixFd Manager::DumpState(const Dictionary& options) {
    unwrap(expect_none(options));
    service_.refresh_units();
    Fd file = unwrap(dump(view_, service_.counters(), service_.hits()));
    return sdbus::UnixFd(file.release(), sdbus::adopt_fd);
}

std::string Manager::Status() {
    return fit(view_.status);
}

Dictionary Manager::Probation() {
    return wire(view_.probation, boot_time());
}

std::vector<std::string> changes(const View& before, const View& after) {
    std::vector<std::string> names;
    const auto compare = [&](const char* name, const auto& one, const auto& other) {
        if (one != other)
            names.emplace_back(name);
    };
    compare("State", before.state, after.state);
    compare("Status", before.status, after.status);
    compare("Generation", before.generation, after.generation);
    compare("Features", before.features, after.features);
    compare("Diagnostics", wire(before.diagnostics), wire(after.diagnostics));
    compare("NotInForce", before.gaps, after.gaps);
    compare("Weaknesses", before.weaknesses, after.weaknesses);
    compare("Probation", before.probation, after.probation);
    return names;
}

} // namespace enforced::bus
