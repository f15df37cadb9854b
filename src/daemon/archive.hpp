// SPDX-License-Identifier: GPL-2.0-or-later
/// What a daemon leaves to the one after it, as JSON: the texts that are in force, and the change on
/// probation with what was before it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "bus/change.hpp"
#include "host/policy_file.hpp"
#include "policy/merge.hpp"

namespace enforced::daemon {

/// A set of policies that is, or was, in force.
struct Archive {
    std::uint32_t generation = 0; // of the kernel's tables that it belongs to
    bool released = false;
    std::vector<policy::Source> sources;
    std::set<std::string> left_out;              // see PolicySet
    std::map<std::string, std::uint32_t> owners; // of runtime policies that others than root loaded: uids

    friend bool operator==(const Archive&, const Archive&) = default;
};

/// A change on probation.
struct Record {
    bus::Probation probation;
    std::string bus; // on which the maker has its name
    Archive before;
    std::vector<host::PolicyFile> files; // as they were

    friend bool operator==(const Record&, const Record&) = default;
};

std::string write_archive(const Archive& archive);
Result<Archive> read_archive(const std::string& text);

std::string write_record(const Record& record);
Result<Record> read_record(const std::string& text);

} // namespace enforced::daemon
