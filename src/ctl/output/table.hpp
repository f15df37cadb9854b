// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "ctl/output/terminal.hpp"

namespace enforced::ctl {

struct Column {
    std::string title;
    bool number = false; // stands to the right
    bool whole = false;  // never cut: what people copy
};

struct Cell {
    Cell(std::string content, Tint colour = Tint::none) : text(std::move(content)), tint(colour) {}
    Cell(const char* content, Tint colour = Tint::none) : text(content), tint(colour) {}

    std::string text; // made printable when it is drawn
    Tint tint;
};

/// Rows below titles. On a terminal it is made to fit: the widest columns are cut first.
class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// As many cells as there are columns.
    void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

    [[nodiscard]] std::size_t rows() const { return rows_.size(); }

    /// Lines; `legend`: with the titles, `full`: nothing is cut.
    [[nodiscard]] std::string draw(const Terminal& terminal, bool legend, bool full) const;

  private:
    [[nodiscard]] std::vector<unsigned> widths(bool legend) const;
    void fit(std::vector<unsigned>& widths, unsigned columns) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

} // namespace enforced::ctl
