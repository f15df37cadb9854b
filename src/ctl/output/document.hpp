// SPDX-License-Identifier: GPL-2.0-or-later
/// What the daemon says, as JSON: the names are those of org.enforced1(5), see json_key.
#pragma once

#include "ctl/bus/event.hpp"
#include "ctl/bus/state.hpp"
#include "ctl/output/json.hpp"

namespace enforced::ctl {

Document document_of(const Fault& fault);
Document document_of(const Feature& feature);
Document document_of(const Probation& probation);
Document document_of(const ManagerState& manager);
Document document_of(const PolicyState& policy);
Document document_of(const UnitState& unit);
Document document_of(const Event& event);
Document document_of(const Explanation& explanation);

template<class T>
Document documents_of(const std::vector<T>& all) {
    Document array = Document::array();
    for (const T& each : all)
        array.push_back(document_of(each));
    return array;
}

} // namespace enforced::ctl
