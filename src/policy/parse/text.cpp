// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/parse/text.hpp"

#include <cstddef>
#include <string>

#include "base/utf8.hpp"
#include "policy/parse.hpp"
#include "policy/parse/disguise.hpp"

namespace enforced::policy {
namespace {

constexpr const char* private_plane =
    "characters beyond U+FFFFF are private, and nobody agreed on what they mean";

bool is_control(char32_t c) {
    return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f;
}

std::string hexadecimal(char32_t c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    return {'U', '+', '0', '0', digits[c >> 4 & 15], digits[c & 15]};
}

std::optional<Fault> check_character(std::string_view text, std::size_t at, const Utf8Character& character) {
    if (character.value == '\r') {
        if (text.substr(at + 1).starts_with('\n'))
            return std::nullopt;
        return Fault{"a carriage return is not followed by a newline; lines end in one or the other", at};
    }
    if (is_in_disguise(character.value))
        return Fault{private_plane, at};
    if (is_control(character.value))
        return Fault{"the text holds the control character " + hexadecimal(character.value), at};
    return std::nullopt;
}

std::optional<Fault> check_encoding(std::string_view text) {
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        return Fault{"the file is UTF-16; save it as UTF-8", 0};
    for (std::size_t at = 0; at < text.size();) {
        const auto character = decode_utf8(text.substr(at));
        if (!character)
            return Fault{"the text is not UTF-8 from here on", at};
        if (auto fault = check_character(text, at, *character))
            return fault;
        at += character->length;
    }
    if (const auto escape = text.find("\\U0010"); escape != std::string_view::npos)
        return Fault{private_plane, escape};
    return std::nullopt;
}

/// Goes through what is outside strings and comments, in step with a parser up to the first error of syntax:
/// there the parser stops, and what is found behind it does no harm.
class Skeleton {
  public:
    explicit Skeleton(std::string_view text) : text_(text) {}

    std::optional<Fault> check() {
        while (at_ < text_.size()) {
            if (static_cast<unsigned char>(text_[at_]) >= 0x80)
                return Fault{
                    "outside strings and comments all characters are ASCII; is a quote missing here, or "
                    "a typographic one?",
                    at_};
            step();
            if (depth_ > max_nesting)
                return Fault{"brackets are nested deeper than " + std::to_string(max_nesting), at_ - 1};
            if (dots_ > max_nesting)
                return Fault{"more than " + std::to_string(max_nesting) + " dots in one line", at_ - 1};
        }
        return std::nullopt;
    }

  private:
    void step() {
        switch (text_[at_]) {
        case '"':
        case '\'':
            return skip_string(text_[at_]);
        case '#':
            at_ = std::min(text_.find('\n', at_), text_.size());
            return;
        case '[':
        case '{':
            ++depth_;
            break;
        case ']':
        case '}':
            depth_ -= depth_ > 0 ? 1 : 0;
            break;
        case '.':
            ++dots_;
            break;
        case '\n':
            dots_ = 0;
            break;
        default:
            break;
        }
        ++at_;
    }

    void skip_string(char quote) {
        const std::string fence(3, quote);
        const bool several_lines = text_.substr(at_).starts_with(fence);
        const std::string_view end =
            several_lines ? std::string_view(fence) : std::string_view(fence).substr(2);
        at_ += end.size();
        while (at_ < text_.size()) {
            if (text_.substr(at_).starts_with(end))
                return skip_end(quote, end.size());
            if (text_[at_] == '\n' && !several_lines)
                return; // unterminated: the parser stops here
            at_ += text_[at_] == '\\' && quote == '"' ? 2 : 1;
        }
    }

    void skip_end(char quote, std::size_t length) {
        at_ += length;
        // A string of several lines may itself end in up to two quotes.
        for (int more = 0; length == 3 && more < 2 && at_ < text_.size() && text_[at_] == quote; ++more)
            ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    unsigned depth_ = 0;
    unsigned dots_ = 0; // of this line, whatever it holds: no key that we know has more than two
};

} // namespace

std::optional<Fault> check_text(std::string_view text) {
    if (text.size() > max_policy_text)
        return Fault{"the file is larger than " + std::to_string(max_policy_text) + " bytes",
                     max_policy_text};
    if (auto fault = check_encoding(text))
        return fault;
    return Skeleton(text).check();
}

} // namespace enforced::policy
