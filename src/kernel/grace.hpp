// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

namespace enforced::kernel {

/// Waits until no program runs that began before. What a program may still be reading, tables of the
/// generation that was in force until now, must not change before that.
class Grace {
  public:
    static Result<Grace> create();

    Status wait();

  private:
    Grace(Fd inner, Fd outer) : inner_(std::move(inner)), outer_(std::move(outer)) {}

    // The one documented way: a write to a map of maps returns when nobody can see the old value any more.
    Fd inner_;
    Fd outer_;
};

} // namespace enforced::kernel
