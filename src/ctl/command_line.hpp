// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {

/// All verbs and options, and what was asked for by them.
class CommandLine {
  public:
    CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    /// An exit status if there is nothing more to do: help was given, or it is wrong, which standard error
    /// was told.
    std::optional<int> parse(int argc, char** argv);

    Result<int> act() { return call_.act(); }

  private:
    [[nodiscard]] std::string complaint(const CLI::ParseError& error, int argc, char** argv) const;

    Invocation call_;
    CLI::App app_;
};

} // namespace enforced::ctl
