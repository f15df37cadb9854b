// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernel/apply.hpp"
#include "kernel/canary.hpp"
#include "kernel/grace.hpp"
#include "kernel/guard.hpp"
#include "kernel/health.hpp"
#include "kernel/links.hpp"
#include "kernel/maps.hpp"
#include "kernel/pins.hpp"
#include "kernel/programs.hpp"
#include "plan/plan.hpp"

namespace enforced::kernel {

/// Where the programs are attached and the canary may go.
struct Site {
    int cgroup_root = -1; // of the hierarchy; a loan for as long as the enforcement is used
    std::string cgroup;   // directory of the caller's own cgroup
    std::string pins;     // see Pins; empty: nothing is pinned, and all ends with the process
    /// Called before programs are loaded, which takes the verifier its time (seconds, minutes of an emulator)
    /// and cannot be interrupted; and, with false, after it. May be empty.
    std::function<void(bool)> loading{};
};

/// A hook that is needed, and at which the kernel was found not to ask.
struct Deafness {
    std::string hook;
    std::string reason;
    bool mended = false; // it asks again, since the program was attached anew
};

/// What is in force in the kernel: maps, the programs on them, the links that attach them, and the pins that
/// keep all of it without us.
class Enforcement {
  public:
    /// Takes over what is pinned, or starts anew where nothing is. What is pinned and not ours, or not
    /// complete, is an error that names it; it is left as it is. Links to the programs of another version are
    /// replaced.
    static Result<Enforcement> open(Site site);

    Maps& maps() { return *maps_; }
    [[nodiscard]] const Maps& maps() const { return *maps_; }

    /// Whether something is in force: from before, if nothing was brought into force since.
    [[nodiscard]] bool in_force() const { return maps_->control().generation != 0; }

    /// The hooks that what is in force uses.
    [[nodiscard]] const HookSet& needed() const { return needed_; }

    /// What could not be done while taking over, for the log: a hook whose program could not be replaced.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

    /// Loads and attaches the programs of these hooks, and tries those that were not tried. Afterwards
    /// `facts` knows of them.
    Status try_hooks(const HookSet& wanted);

    /// The hooks that work, as far as they were tried.
    [[nodiscard]] plan::Facts facts() const { return {works_}; }
    [[nodiscard]] const HookSet& tried() const { return tried_; }

    /// Why a hook that was tried does not work.
    [[nodiscard]] const std::string& reason(enforced_hook hook) const { return reasons_[hook]; }

    /// Brings a plan into force as a whole, or leaves what is in force as it is. The units that it governs
    /// have been entered into the maps.
    Status bring_into_force(const plan::Plan& plan, std::span<const Identity> identities);

    /// Puts other anchors to the plan in force.
    Status update_anchors(std::span<const Identity> identities);

    /// Makes this process, and those that it forks, known to the programs as the daemon.
    [[nodiscard]] Status label_as_daemon() const { return kernel::label_as_daemon(*maps_); }

    /// Tells the programs what they have to keep governed units off.
    Status guard(const Guard& guard) { return write_guard(guard, *maps_, links_); }

    /// Tries anew what is in force: an empty list if the kernel asks everywhere. Where it does not, the
    /// program is loaded and attached anew.
    Result<std::vector<Deafness>> check_hooks();

    [[nodiscard]] std::vector<Misses> misses() const { return find_misses(links_); }
    [[nodiscard]] std::vector<Fill> fills() const { return measure(*maps_); }

    /// Forgets launches that ended and were not seen to.
    void forget_launches() const { forget_old_launches(*maps_); }

    /// Pins anew what somebody has unpinned, by which it would end with us; the BPF file system has to be
    /// mounted. Returns how much that was.
    Result<std::size_t> pin_again();

    /// Detaches what was only attached to be tried.
    Status settle();

  private:
    explicit Enforcement(Site site) : site_(std::move(site)), links_(site_.cgroup_root) {}

    Status take_pins();
    Status check_maps(const std::map<std::string, Fd>& found) const;
    Status make_maps();
    void renew_detached();
    Status renew_links();
    Status load(const HookSet& hooks);
    void try_iterator(Sighting& sighting);
    Status mark_tasks();
    Result<Sighting> sight(const HookSet& hooks);
    /// What stood against it, by hook; what is not in there was attached.
    std::map<enforced_hook, std::string> attach_anew(const HookSet& hooks);

    Site site_;
    std::optional<Pins> pins_;
    std::optional<Maps> maps_;
    std::optional<Grace> grace_;
    Programs programs_;
    Links links_;
    HookSet works_, tried_, needed_;
    std::array<std::string, ENFORCED_HOOK_COUNT> reasons_;
    std::vector<std::string> warnings_;
};

} // namespace enforced::kernel
