// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/output/table.hpp"

#include <algorithm>
#include <numeric>

#include "base/quote.hpp"

namespace enforced::ctl {
namespace {

constexpr unsigned gap = 2;       // columns between two columns
constexpr unsigned narrowest = 8; // what a column is cut to at most

std::string padded(const std::string& text, Tint tint, unsigned width, bool right, const Terminal& terminal) {
    const std::string room(width - std::min(width, width_of(text)), ' ');
    const std::string drawn = tinted(text, tint, terminal);
    return right ? room + drawn : drawn + room;
}

void trim(std::string& line) {
    line.erase(line.find_last_not_of(' ') + 1);
}

} // namespace

std::vector<unsigned> Table::widths(bool legend) const {
    std::vector<unsigned> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        unsigned width = legend ? width_of(columns_[i].title) : 0;
        for (const auto& row : rows_)
            width = std::max(width, width_of(printable(row[i].text)));
        widths.push_back(width);
    }
    return widths;
}

void Table::fit(std::vector<unsigned>& widths, unsigned columns) const {
    const unsigned gaps = gap * static_cast<unsigned>(widths.size() - 1);
    for (unsigned total = std::accumulate(widths.begin(), widths.end(), gaps); total > columns; --total) {
        unsigned* widest = nullptr;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            if (!columns_[i].whole && widths[i] > narrowest && (!widest || widths[i] >= *widest))
                widest = &widths[i];
        }
        if (!widest)
            return;
        --*widest;
    }
}

std::string Table::draw(const Terminal& terminal, bool legend, bool full) const {
    auto widths = this->widths(legend);
    if (terminal.columns && !full)
        fit(widths, terminal.columns);

    std::string text;
    const auto line = [&](const auto& cell_at) {
        std::string drawn;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const Cell cell = cell_at(i);
            drawn += i ? std::string(gap, ' ') : "";
            drawn += padded(cut(printable(cell.text), widths[i], terminal), cell.tint, widths[i],
                            columns_[i].number, terminal);
        }
        trim(drawn);
        text += drawn + "\n";
    };
    if (legend)
        line([&](std::size_t i) { return Cell(columns_[i].title, Tint::strong); });
    for (const auto& row : rows_)
        line([&](std::size_t i) { return row[i]; });
    return text;
}

} // namespace enforced::ctl
