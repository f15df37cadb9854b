// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace enforced::host {

/// Notices that something else has come to lie behind one of a number of paths: that a component of it was
/// created, removed or replaced.
class Watch {
  public:
    static Result<Watch> create();

    /// A loan: readable when something happened.
    [[nodiscard]] int fd() const { return inotify_.get(); }

    /// Watches these paths, and no longer those of before. To be called again after each change, since
    /// directories that did not exist may do so now. Paths that cannot be watched are skipped.
    void set(std::span<const std::string> paths);

    /// Takes in what happened. True if it touches a watched path, or that cannot be told.
    [[nodiscard]] bool changed();

  private:
    explicit Watch(Fd inotify) : inotify_(std::move(inotify)) {}

    Fd inotify_;
    std::map<int, std::set<std::string>> names_; // by watch descriptor: the entries that matter there
};

} // namespace enforced::host
