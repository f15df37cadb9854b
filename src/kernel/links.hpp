// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "kernel/hook.hpp"
#include "kernel/pins.hpp"
#include "kernel/programs.hpp"

namespace enforced::kernel {

/// The links by which programs are attached: at most one a hook, pinned or only held. All are attached to the
/// root of the cgroup hierarchy where they are of that kind.
class Links {
  public:
    /// `cgroup` is a loan for as long as the links are used.
    explicit Links(int cgroup) : cgroup_(cgroup) {}

    /// Takes over pinned links, once all of them are known to be ours: their programs use the map with the id
    /// `control`. Fails, and has taken none, if one is not. A hook that this version does not know is left
    /// out.
    Status adopt(std::map<std::string, Fd> pinned, const Pins& pins, std::uint32_t control);

    [[nodiscard]] const HookSet& attached() const { return attached_; }
    [[nodiscard]] const HookSet& pinned() const { return pinned_; }

    /// Those of the adopted that somebody has detached, while the pin stayed: to be renewed.
    [[nodiscard]] const HookSet& detached() const { return detached_; }

    /// A loan.
    [[nodiscard]] int fd(enforced_hook hook) const { return links_[hook].get(); }

    /// Attaches loaded programs where none is attached; held, not pinned.
    Status attach(const HookSet& hooks, const Programs& programs);

    /// Puts a loaded program in the place of the attached one, which stays until then.
    Status replace(enforced_hook hook, const Programs& programs, Pins& pins);

    /// Attaches a loaded program in the place of one that the kernel does not ask any more, which is no link
    /// to be updated.
    Status renew(enforced_hook hook, const Programs& programs, Pins* pins);

    Status pin(const HookSet& hooks, Pins& pins);

    /// Runs an attached iterator from beginning to end; one that is not attached has nothing to do.
    [[nodiscard]] Status run(enforced_hook hook) const;

    /// Detaches those hooks.
    Status drop(const HookSet& hooks, Pins* pins);

  private:
    int cgroup_;
    std::array<Fd, ENFORCED_HOOK_COUNT> links_;
    HookSet attached_;
    HookSet pinned_;
    HookSet detached_;
};

} // namespace enforced::kernel
