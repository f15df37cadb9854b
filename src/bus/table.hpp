// SPDX-License-Identifier: GPL-2.0-or-later
/// Who may do what: every method and property that can be reached on our connection, and what has to be asked
/// before. What is not in the table is refused. dbus/*.xml says the same in words.
#pragma once

#include <cstdint>
#include <string_view>

#include "bus/names.hpp"

namespace enforced::bus {

enum class Kind : std::uint8_t { method, get, set, get_all };

/// Which action polkit is asked about. The last four depend on what is asked for; see question.cpp.
enum class Guard : std::uint8_t {
    everyone, // nobody is asked: it reveals and changes nothing
    read_state,
    read_events,
    change_runtime,
    weaken,
    make_permanent,
    load,
    mode,
    confirm,
    revert,
};

/// What of the call goes into the details of the question.
enum class Detail : std::uint8_t { none, policy, unit, text, mode, probation, filter, object };

struct Row {
    std::string_view interface;
    std::string_view member; // empty for get_all
    Kind kind;
    Guard guard;
    std::string_view verb;
    Detail detail = Detail::none;
};

inline constexpr Row table[] = {
    {interface::manager, "Reload", Kind::method, Guard::change_runtime, "reload"},
    {interface::manager, "Check", Kind::method, Guard::read_state, "check", Detail::text},
    {interface::manager, "LoadPolicy", Kind::method, Guard::load, "load", Detail::text},
    {interface::manager, "UnloadPolicy", Kind::method, Guard::weaken, "unload", Detail::policy},
    {interface::manager, "SetMode", Kind::method, Guard::mode, "mode", Detail::mode},
    {interface::manager, "MakePermanent", Kind::method, Guard::make_permanent, "make-permanent",
     Detail::policy},
    {interface::manager, "Release", Kind::method, Guard::weaken, "release"},
    {interface::manager, "Confirm", Kind::method, Guard::confirm, "confirm", Detail::probation},
    {interface::manager, "Revert", Kind::method, Guard::revert, "revert", Detail::probation},
    {interface::manager, "GetPolicyByName", Kind::method, Guard::read_state, "get", Detail::policy},
    {interface::manager, "GetUnitByName", Kind::method, Guard::read_state, "get", Detail::unit},
    {interface::manager, "TryFeatures", Kind::method, Guard::read_state, "features"},
    {interface::manager, "DumpState", Kind::method, Guard::read_state, "dump"},
    {interface::manager, "QueryEvents", Kind::method, Guard::read_events, "query", Detail::filter},
    {interface::manager, "Explain", Kind::method, Guard::read_events, "explain"},
    {interface::manager, "Subscribe", Kind::method, Guard::read_events, "subscribe", Detail::filter},
    {interface::manager, "Unsubscribe", Kind::method, Guard::everyone, "unsubscribe"},

    {interface::manager, "Version", Kind::get, Guard::everyone, "get"},
    {interface::manager, "State", Kind::get, Guard::everyone, "get"},
    {interface::manager, "Status", Kind::get, Guard::read_state, "get"},
    {interface::manager, "Generation", Kind::get, Guard::read_state, "get"},
    {interface::manager, "Features", Kind::get, Guard::read_state, "get"},
    {interface::manager, "Counters", Kind::get, Guard::read_state, "get"},
    {interface::manager, "Diagnostics", Kind::get, Guard::read_state, "get"},
    {interface::manager, "NotInForce", Kind::get, Guard::read_state, "get"},
    {interface::manager, "Weaknesses", Kind::get, Guard::read_state, "get"},
    {interface::manager, "Probation", Kind::get, Guard::read_state, "get"},
    {interface::manager, "", Kind::get_all, Guard::read_state, "get"},

    {interface::policy, "Name", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "Description", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "Files", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "Layer", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "Mode", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "RuntimeMode", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "OnUnsupported", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "State", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "Units", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "UserUnits", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "Users", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "ReleaseTo", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "GovernedUnits", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "Rules", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "NotInForce", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "Text", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::policy, "", Kind::get_all, Guard::read_state, "get", Detail::object},

    {interface::unit, "Name", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::unit, "ControlGroup", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::unit, "ControlGroupId", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::unit, "InvocationId", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::unit, "Policies", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::unit, "Mode", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::unit, "Rules", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::unit, "Hits", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::unit, "Coverage", Kind::get, Guard::read_state, "get", Detail::object},
    {interface::unit, "", Kind::get_all, Guard::read_state, "get", Detail::object},

    {interface::log_control, "LogLevel", Kind::get, Guard::everyone, "get"},
    {interface::log_control, "LogTarget", Kind::get, Guard::everyone, "get"},
    {interface::log_control, "SyslogIdentifier", Kind::get, Guard::everyone, "get"},
    {interface::log_control, "", Kind::get_all, Guard::everyone, "get"},
    {interface::log_control, "LogLevel", Kind::set, Guard::change_runtime, "log"},
    {interface::log_control, "LogTarget", Kind::set, Guard::change_runtime, "log"},

    {interface::object_manager, "GetManagedObjects", Kind::method, Guard::read_state, "get"},
    // All properties of an object, whatever the interface.
    {"", "", Kind::get_all, Guard::read_state, "get", Detail::object},
    // They tell the names of objects at most. Those of policies and of units are no secret: everyone may list
    // the policy directories and the cgroups.
    {interface::introspectable, "Introspect", Kind::method, Guard::everyone, "introspect"},
    {interface::peer, "Ping", Kind::method, Guard::everyone, "ping"},
    {interface::peer, "GetMachineId", Kind::method, Guard::everyone, "ping"},
};

/// Null if there is none.
constexpr const Row* find_row(std::string_view interface, std::string_view member, Kind kind) {
    for (const Row& row : table) {
        if (row.interface == interface && row.member == member && row.kind == kind)
            return &row;
    }
    return nullptr;
}

} // namespace enforced::bus
