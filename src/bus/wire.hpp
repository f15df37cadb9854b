// SPDX-License-Identifier: GPL-2.0-or-later
/// Values in the types that the contract gives them. Every string is made fit for the bus.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bus/dictionary.hpp"
#include "bus/fault.hpp"
#include "bus/view.hpp"
#include "sdbus/compat.hpp"

namespace enforced::bus {

using WireRule = sdbus::Struct<std::uint32_t, std::string, std::string, std::string, std::string, std::string,
                               std::string, std::uint32_t, std::uint64_t>;
using WireGap = sdbus::Struct<std::string, std::string, std::string, std::string, std::string, std::uint32_t>;
using WireFeature = sdbus::Struct<std::string, std::string, std::string>;
using WireDiagnostic = sdbus::Struct<std::string, std::string, std::uint32_t, std::uint32_t, std::string>;
using WireCoverage = sdbus::Struct<std::string, std::string, std::string, std::string, std::string>;

/// `hits` by the rule's id.
std::vector<WireRule> wire(const std::vector<Rule>& rules,
                           const std::map<std::uint32_t, std::uint64_t>& hits);
std::vector<WireGap> wire(const std::vector<Gap>& gaps);
std::vector<WireFeature> wire(const std::vector<Feature>& features);
std::vector<WireDiagnostic> wire(const policy::Diagnostics& diagnostics);
std::vector<WireCoverage> wire(const std::vector<Coverage>& coverage);
std::vector<std::string> wire(const std::vector<std::string>& texts);

/// `now` is CLOCK_BOOTTIME in µs.
Dictionary wire(const std::optional<Probation>& probation, std::uint64_t now);

inline sdbus::Error to_error(const Fault& fault) {
    return compat::make_error(fault.name, fault.message);
}

/// The value, or the fault as an exception, which sdbus-c++ answers with.
template<class T>
T unwrap(Answer<T> answer) {
    if (!answer)
        throw to_error(answer.error());
    if constexpr (!std::is_void_v<T>)
        return std::move(*answer);
}

} // namespace enforced::bus
