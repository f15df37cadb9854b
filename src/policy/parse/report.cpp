// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/parse/report.hpp"

#include <algorithm>
#include <utility>

namespace enforced::policy {
namespace {

// Nobody reads more, and each names its file.
constexpr std::size_t max_diagnostics = 100;

constexpr std::size_t mark_distance = 64;

bool begins_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

} // namespace

Report::Report(std::string_view text, const std::string& file, Diagnostics& diagnostics)
    : text_(text), file_(file), diagnostics_(diagnostics), lines_{0}, characters_{0} {
    std::size_t character = 0;
    for (std::size_t offset = 0; offset < text.size(); ++offset) {
        if (!begins_character(text[offset]))
            continue;
        if (character++ % mark_distance == 0)
            marks_.push_back(offset);
        if (text[offset] == '\n') {
            lines_.push_back(offset + 1);
            characters_.push_back(character);
        }
    }
}

Location Report::at(Place place) const {
    return at_offset(offset_of(place));
}

Location Report::at_offset(std::size_t offset) const {
    const auto next = std::ranges::upper_bound(lines_, offset);
    const auto line = static_cast<std::size_t>(next - lines_.begin());
    return {file_, static_cast<unsigned>(line), static_cast<unsigned>(offset - lines_[line - 1] + 1)};
}

void Report::error(Location at, std::string message) {
    add({Diagnostic::Severity::error, std::move(at), std::move(message)}, errors_);
}

void Report::warning(Location at, std::string message) {
    add({Diagnostic::Severity::warning, std::move(at), std::move(message)}, warnings_);
}

void Report::error_within(Place place, std::string_view value, const Fault& fault) {
    const auto start = offset_of(place);
    const bool as_written = text_.substr(std::min(start + 1, text_.size())).starts_with(value);
    error(at_offset(as_written ? start + 1 + fault.offset : start), fault.message);
}

std::size_t Report::offset_of(Place place) const {
    const auto line = std::clamp<std::size_t>(place.line, 1, lines_.size());
    const auto character = characters_[line - 1] + std::max<std::size_t>(place.column, 1) - 1;
    const auto mark = character / mark_distance;
    if (mark >= marks_.size())
        return text_.size();
    auto offset = marks_[mark];
    for (auto left = character % mark_distance; left > 0 && offset < text_.size(); --left) {
        do
            ++offset;
        while (offset < text_.size() && !begins_character(text_[offset]));
    }
    return offset;
}

void Report::add(Diagnostic diagnostic, std::size_t& count) {
    ++count;
    if (count == max_diagnostics)
        diagnostic = {diagnostic.severity, {file_, 0, 0}, "there are more of these than are listed"};
    if (count <= max_diagnostics)
        diagnostics_.push_back(std::move(diagnostic));
}

} // namespace enforced::policy
