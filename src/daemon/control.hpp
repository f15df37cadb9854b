// SPDX-License-Identifier: GPL-2.0-or-later
/// How `enforced --reload`, the unit's ExecReload=, asks the running daemon and waits for the answer.
/// Type=notify alone cannot tell systemd that a reload was refused.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace enforced::daemon {

inline constexpr const char* control_path = "/run/enforced/control";

struct Answer {
    bool done = false;
    std::string text; // for standard error, lines
};

/// The daemon's end: a socket that only root may open.
class Control {
  public:
    static Result<Control> listen(const std::string& path = control_path);

    /// A loan: readable when somebody asks.
    [[nodiscard]] int fd() const { return socket_.get(); }

    /// Answers one who asks, if it is root: `reload` is called for that, but not for a process of which
    /// `governed` says that a policy governs it.
    void serve(const std::function<bool(std::uint32_t pid)>& governed, const std::function<Answer()>& reload);

  private:
    explicit Control(Fd socket) : socket_(std::move(socket)) {}

    Fd socket_;
};

/// The other end: asks for a reload, and waits until it is done or refused.
Result<Answer> ask_for_reload(const std::string& path = control_path);

} // namespace enforced::daemon
