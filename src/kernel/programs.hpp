// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "kernel/hook.hpp"
#include "kernel/maps.hpp"

struct bpf_object;
struct bpf_program;

namespace enforced::kernel {

/// Whether the kernel describes its types, without which it takes no program.
Status check_types();

/// The shapes of the maps that the programs use.
Result<std::vector<MapShape>> program_map_shapes();

/// Makes those maps, empty.
Result<std::map<std::string, Fd>> create_program_maps();

/// A fingerprint of the programs that come with this binary: who finds links with another replaces them.
std::uint64_t build_fingerprint();

/// The programs, each loaded when it is first wanted. What the kernel does not take is not there; why, is
/// kept.
class Programs {
  public:
    /// Loads those of `wanted` that are neither loaded nor refused yet, on these maps. Fails only if nothing
    /// can be loaded at all, whatever the program.
    Status load(const HookSet& wanted, const Maps& maps);

    [[nodiscard]] const HookSet& loaded() const { return loaded_; }

    /// Why a hook's program was refused; empty if it was not.
    [[nodiscard]] const std::string& refusal(enforced_hook hook) const { return refusals_[hook]; }

    /// Attaches a loaded program, those of kind cgroup to the cgroup `cgroup`. Returns the link.
    [[nodiscard]] Result<Fd> attach(enforced_hook hook, int cgroup) const;

    /// The program's descriptor, a loan.
    [[nodiscard]] int fd(enforced_hook hook) const;

  private:
    struct Close {
        void operator()(bpf_object* object) const;
    };
    using Object = std::unique_ptr<bpf_object, Close>;

    void skip_missing_hooks(const HookSet& wanted);
    Result<Object> try_load(const HookSet& wanted, const Maps& maps, std::string& refused,
                            std::string& reason);
    void refuse(const Hook& hook, const std::string& reason);

    std::vector<Object> objects_;
    std::array<bpf_program*, ENFORCED_HOOK_COUNT> programs_{};
    std::array<std::string, ENFORCED_HOOK_COUNT> refusals_;
    HookSet loaded_;
    bool no_lsm_ = false;
};

} // namespace enforced::kernel
