// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/errors.hpp"

#include <array>
#include <string_view>

#include "ctl/exit.hpp"

namespace enforced::ctl {
namespace {

struct Known {
    std::string_view name;  // of the error; one that ends in "." stands for all below it
    std::string_view says;  // in the place of the message; empty: the message says it
    std::string_view helps; // what to do, on a line of its own
    int code = 0;
};

constexpr std::string_view not_running =
    "enforced is not running; what it had brought into force stays in force, but cannot be seen or changed";
constexpr std::string_view start = "To start it: systemctl start enforced";

constexpr std::array known = {
    Known{"org.freedesktop.DBus.Error.ServiceUnknown", not_running, start, error_not_running},
    Known{"org.freedesktop.DBus.Error.NameHasNoOwner", not_running, start, error_not_running},
    // The bus asked systemd to start it, and there is no such alias while the unit is not enabled.
    Known{"org.freedesktop.systemd1.NoSuchUnit", not_running,
          "To start it, now and at boot: systemctl enable --now enforced", error_not_running},
    Known{"org.freedesktop.DBus.Error.Spawn.", not_running,
          "It could not be started; to see why: systemctl status enforced", error_not_running},
    Known{"org.freedesktop.systemd1.", not_running,
          "It could not be started; to see why: systemctl status enforced", error_not_running},
    Known{"org.freedesktop.DBus.Error.NoReply", "enforced ended, or did not answer in time",
          "To see why: journalctl -u enforced", error_not_running},
    Known{"org.freedesktop.DBus.Error.Timeout", "enforced did not answer in time",
          "To see why: journalctl -u enforced"},
    Known{"org.freedesktop.DBus.Error.Disconnected", "the system bus went away",
          "To see why: systemctl status dbus"},
    Known{"org.freedesktop.DBus.Error.AccessDenied",
          {},
          "Root may; and whom a rule of polkit lets, see org.enforced1(5)",
          error_forbidden},
    Known{"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
          "this needs a password, and there was nobody to ask for it",
          "Run it on a terminal and without --no-ask-password, or as root", error_forbidden},
    Known{"org.freedesktop.DBus.Error.UnknownMethod", "the enforced that is running is of another version",
          "To run the installed one: systemctl restart enforced"},
    Known{"org.freedesktop.DBus.Error.UnknownProperty", "the enforced that is running is of another version",
          "To run the installed one: systemctl restart enforced"},
    Known{"org.enforced1.Error.ProbationPending",
          {},
          "To keep that change: enforcectl confirm\nTo undo it: enforcectl revert"},
    Known{"org.enforced1.Error.Released", {}, "To bring it into force again: enforcectl reload", 0},
    Known{"org.enforced1.Error.NoSuchPolicy",
          {},
          "To see which there are: enforcectl policies",
          error_not_found},
    Known{
        "org.enforced1.Error.NoSuchUnit", {}, "To see which are governed: enforcectl units", error_not_found},
    Known{"org.enforced1.Error.NoSuchEvent",
          {},
          "To see which there are: enforcectl events --ids",
          error_not_found},
    Known{"org.enforced1.Error.NotRuntime", {}, "To see where a policy stands: enforcectl policies"},
    Known{"org.enforced1.Error.NoProbation", {}, "To see what is on probation: enforcectl status"},
    Known{"org.enforced1.Error.Unsupported", {}, "To see what this kernel can do: enforcectl features"},
};

bool is(std::string_view name, std::string_view known_name) {
    return name == known_name || (known_name.ends_with('.') && name.starts_with(known_name));
}

} // namespace

Error sentence(const std::string& name, const std::string& message) {
    for (const Known& each : known) {
        if (!is(name, each.name))
            continue;
        std::string text(each.says.empty() ? std::string_view(message) : each.says);
        if (text.empty())
            text = name;
        if (!each.helps.empty())
            text.append("\n").append(each.helps);
        return {std::move(text), each.code};
    }
    return {message.empty() ? name : message, 0};
}

} // namespace enforced::ctl
