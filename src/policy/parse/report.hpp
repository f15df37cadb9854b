// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "policy/diagnostic.hpp"
#include "policy/fault.hpp"
#include "policy/types.hpp"

namespace enforced::policy {

/// A place as a TOML parser counts: columns in characters. Both from 1.
struct Place {
    std::size_t line = 1;
    std::size_t column = 1;
};

/// Gathers what is found wrong with one text, and knows where in the text everything stands, at a cost that a
/// megabyte on one line does not raise. Borrows all that it is made of.
class Report {
  public:
    Report(std::string_view text, const std::string& file, Diagnostics& diagnostics);

    [[nodiscard]] Location at(Place) const;
    [[nodiscard]] Location at_offset(std::size_t offset) const;

    void error(Location at, std::string message);
    void warning(Location at, std::string message);

    /// A fault within a string whose notation begins at `place` and whose value is `value`. If the notation
    /// has escapes, the beginning of the string is blamed.
    void error_within(Place place, std::string_view value, const Fault& fault);

  private:
    [[nodiscard]] std::size_t offset_of(Place) const;
    void add(Diagnostic, std::size_t& count);

    std::string_view text_;
    const std::string& file_;
    Diagnostics& diagnostics_;
    std::vector<std::size_t> lines_;      // offsets at which they begin
    std::vector<std::size_t> characters_; // before each of these lines
    std::vector<std::size_t> marks_;      // offsets of every 64th character
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
};

} // namespace enforced::policy
