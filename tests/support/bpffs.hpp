// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/mount.h>

#include "kernel/pins.hpp"
#include "support/tree.hpp"

namespace enforced::test {

/// A BPF file system of one's own; `mounted` is false where one may not have it.
class Bpffs {
  public:
    Bpffs() : mounted(kernel::ensure_bpffs(tree_.path()).has_value()) {}
    Bpffs(const Bpffs&) = delete;
    Bpffs& operator=(const Bpffs&) = delete;
    ~Bpffs() {
        if (mounted)
            umount2(tree_.path().c_str(), MNT_DETACH);
    }

    /// Puts an empty one in its place.
    void replace() const {
        umount2(tree_.path().c_str(), MNT_DETACH);
        (void)kernel::ensure_bpffs(tree_.path());
    }

    [[nodiscard]] std::string pins() const { return tree_.path("enforced"); }

  private:
    Tree tree_;

  public:
    const bool mounted;
};

} // namespace enforced::test
