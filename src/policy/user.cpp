// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/user.hpp"

#include <algorithm>
#include <limits>

#include "base/quote.hpp"
#include "policy/number.hpp"

namespace enforced::policy {
namespace {

constexpr unsigned max_user = std::numeric_limits<std::uint32_t>::max() - 1;
constexpr std::size_t max_name = 256;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// As strict as useradd: what else systems take for names cannot be told from slips.
bool is_name(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !text.empty() && text.size() <= max_name && letter(text.front()) &&
           std::ranges::all_of(text,
                               [&](char c) { return letter(c) || is_digit(c) || c == '-' || c == '.'; });
}

std::expected<unsigned, Fault> number_at(std::string_view text, std::size_t begin, std::size_t end) {
    const auto digits = text.substr(begin, end - begin);
    if (const auto number = parse_number(digits, max_user))
        return *number;
    return std::unexpected(Fault{
        quote(digits) + " is no user's number, which goes from 0 to " + std::to_string(max_user), begin});
}

} // namespace

std::expected<std::optional<UserRange>, Fault> parse_user(std::string_view text) {
    if (is_name(text))
        return std::nullopt;
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '-'; }))
        return std::unexpected(
            Fault{"a user is a name, a number, or a range of numbers such as \"1000-1999\"", 0});
    const auto dash = std::min(text.find('-'), text.size());
    const auto first = number_at(text, 0, dash);
    if (!first)
        return std::unexpected(first.error());
    const auto last = dash == text.size() ? first : number_at(text, dash + 1, text.size());
    if (!last)
        return std::unexpected(last.error());
    if (*first > *last)
        return std::unexpected(Fault{"the range goes backwards; did you mean " +
                                         quote(std::to_string(*last) + "-" + std::to_string(*first)) + "?",
                                     0});
    return UserRange{*first, *last};
}

Diagnostics resolve_users(std::vector<Policy>& policies, const FindUser& find) {
    Diagnostics found;
    for (Policy& policy : policies) {
        for (User& user : policy.users) {
            if (user.ids)
                continue;
            if (const auto id = find(user.text))
                user.ids = UserRange{*id, *id};
            else
                found.push_back({Diagnostic::Severity::error, user.at,
                                 "there is no user " + quote(user.text) +
                                     " in /etc/passwd; a user from elsewhere is named by number"});
        }
    }
    return found;
}

} // namespace enforced::policy
