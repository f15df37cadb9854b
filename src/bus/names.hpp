// SPDX-License-Identifier: GPL-2.0-or-later
/// The names of the contract; dbus/*.xml documents them.
#pragma once

namespace enforced::bus {

inline constexpr const char* bus_name = "org.enforced1";

inline constexpr const char* root_path = "/org/enforced1";
inline constexpr const char* policy_prefix = "/org/enforced1/policy";
inline constexpr const char* unit_prefix = "/org/enforced1/unit";
inline constexpr const char* log_path = "/org/freedesktop/LogControl1";

namespace interface {
inline constexpr const char* manager = "org.enforced1.Manager";
inline constexpr const char* policy = "org.enforced1.Policy";
inline constexpr const char* unit = "org.enforced1.Unit";
inline constexpr const char* log_control = "org.freedesktop.LogControl1";
inline constexpr const char* properties = "org.freedesktop.DBus.Properties";
inline constexpr const char* object_manager = "org.freedesktop.DBus.ObjectManager";
inline constexpr const char* introspectable = "org.freedesktop.DBus.Introspectable";
inline constexpr const char* peer = "org.freedesktop.DBus.Peer";
} // namespace interface

namespace error {
inline constexpr const char* bad_policy = "org.enforced1.Error.BadPolicy";
inline constexpr const char* unsupported = "org.enforced1.Error.Unsupported";
inline constexpr const char* shadowed = "org.enforced1.Error.Shadowed";
inline constexpr const char* no_such_policy = "org.enforced1.Error.NoSuchPolicy";
inline constexpr const char* no_such_unit = "org.enforced1.Error.NoSuchUnit";
inline constexpr const char* no_such_event = "org.enforced1.Error.NoSuchEvent";
inline constexpr const char* released = "org.enforced1.Error.Released";
inline constexpr const char* not_runtime = "org.enforced1.Error.NotRuntime";
inline constexpr const char* no_probation = "org.enforced1.Error.NoProbation";
inline constexpr const char* probation_pending = "org.enforced1.Error.ProbationPending";
inline constexpr const char* limit_exceeded = "org.enforced1.Error.LimitExceeded";
inline constexpr const char* failed = "org.enforced1.Error.Failed";
// D-Bus' own.
inline constexpr const char* access_denied = "org.freedesktop.DBus.Error.AccessDenied";
inline constexpr const char* interaction_required =
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired";
inline constexpr const char* invalid_arguments = "org.freedesktop.DBus.Error.InvalidArgs";
inline constexpr const char* unknown_method = "org.freedesktop.DBus.Error.UnknownMethod";
inline constexpr const char* unknown_interface = "org.freedesktop.DBus.Error.UnknownInterface";
inline constexpr const char* unknown_property = "org.freedesktop.DBus.Error.UnknownProperty";
} // namespace error

/// What polkit is asked; polkit/org.enforced1.policy has the defaults.
namespace action {
inline constexpr const char* read_state = "org.enforced1.read-state";
inline constexpr const char* read_events = "org.enforced1.read-events";
inline constexpr const char* change_runtime = "org.enforced1.change-runtime-policy";
inline constexpr const char* weaken = "org.enforced1.weaken-enforcement";
inline constexpr const char* make_permanent = "org.enforced1.make-permanent";
} // namespace action

} // namespace enforced::bus
