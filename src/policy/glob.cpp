// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/glob.hpp"

#include <cctype>
#include <utility>

namespace enforced::policy {
namespace {

std::bitset<256> all_but_slash() {
    std::bitset<256> bytes;
    bytes.set();
    bytes.reset('/');
    return bytes;
}

bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}

/// Descends through a glob's text. The first fault ends it: what follows an open bracket would only be
/// misread.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::expected<GlobSequence, Fault> read() {
        if (text_.size() > max_glob_length)
            return fault("the glob is longer than " + std::to_string(max_glob_length) + " bytes",
                         max_glob_length);
        auto sequence = read_sequence(0);
        if (sequence && !at_end()) // only a brace ends a sequence early
            return fault("\"}\" has no \"{\" before it; write \"\\}\" for the character itself", at_);
        return sequence;
    }

  private:
    static std::unexpected<Fault> fault(std::string message, std::size_t offset) {
        return std::unexpected(Fault{std::move(message), offset});
    }

    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    [[nodiscard]] char here() const { return at_end() ? '\0' : text_[at_]; }
    [[nodiscard]] bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }

    /// Up to the end, or within alternatives up to the ',' or '}' that ends this one.
    std::expected<GlobSequence, Fault> read_sequence(unsigned depth) {
        GlobSequence sequence;
        while (!at_end() && here() != '}' && !(depth > 0 && here() == ',')) {
            auto node = read_node(depth);
            if (!node)
                return std::unexpected(node.error());
            sequence.push_back(std::move(*node));
        }
        return sequence;
    }

    std::expected<GlobNode, Fault> read_node(unsigned depth) {
        const std::size_t start = at_;
        switch (here()) {
        case '\0':
            return fault("no name holds a NUL character", start);
        case '*':
            return read_stars();
        case '?':
            ++at_;
            return GlobNode{GlobSet{all_but_slash()}, start};
        case '[':
            return read_set();
        case '{':
            return read_alternatives(depth);
        default:
            break;
        }
        const auto byte = read_byte();
        if (!byte)
            return std::unexpected(byte.error());
        return GlobNode{GlobByte{*byte}, start};
    }

    std::expected<unsigned char, Fault> read_byte() {
        const std::size_t start = at_;
        const bool escaped = here() == '\\';
        at_ += escaped ? 1 : 0;
        if (at_end())
            return fault("\"\\\" at the end escapes nothing; write \"\\\\\" for a backslash itself", start);
        // A unit's name may hold "\x2d": read as an escape, it would quietly name another unit.
        const bool escapable = here() == ' ' || std::ispunct(static_cast<unsigned char>(here())) != 0;
        if (escaped && !escapable)
            return fault("\"\\\" escapes only punctuation; write \"\\\\\" for a backslash itself", start);
        return static_cast<unsigned char>(text_[at_++]);
    }

    std::expected<GlobNode, Fault> read_stars() {
        const std::size_t start = at_;
        while (here() == '*')
            ++at_;
        if (at_ - start > 2)
            return fault("\"***\" has no meaning: \"*\" matches within a component, \"**\" across components",
                         start);
        if (at_ - start == 2)
            return GlobNode{GlobStarStar{}, start};
        return GlobNode{GlobStar{}, start};
    }

    std::expected<GlobNode, Fault> read_set() {
        const std::size_t start = at_++;
        if (here() == '^')
            return fault("a set is negated by \"!\": write \"[!\"; or \"\\^\" for the character itself", at_);
        const bool negated = here() == '!';
        at_ += negated ? 1 : 0;

        std::bitset<256> bytes;
        bool first = true;
        while (at_end() || here() != ']' || first) {
            if (at_end())
                return fault("\"[\" is not closed by \"]\"; write \"\\[\" for the character itself", start);
            if (const auto added = read_range(bytes); !added)
                return std::unexpected(added.error());
            first = false;
        }
        ++at_;
        if (negated)
            bytes.flip();
        bytes.reset('/'); // which a range or a negation may have brought in
        return GlobNode{GlobSet{bytes}, start};
    }

    /// One byte of a set, or a range of them.
    std::expected<void, Fault> read_range(std::bitset<256>& bytes) {
        const std::size_t start = at_;
        if (starts("[:") || starts("[.") || starts("[="))
            return fault("sets know no named classes; write the characters out, such as [a-z]", start);
        const auto low = read_member();
        if (!low)
            return std::unexpected(low.error());
        unsigned char high = *low;
        const bool range = here() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
        if (range) {
            ++at_;
            const auto end = read_member();
            if (!end)
                return std::unexpected(end.error());
            high = *end;
        }
        if (high < *low)
            return fault("the range runs backwards", start);
        for (unsigned byte = *low; byte <= high; ++byte)
            bytes.set(byte);
        return {};
    }

    std::expected<unsigned char, Fault> read_member() {
        if (here() == '/')
            return fault("a set cannot match \"/\"", at_);
        if (at_end() || here() == '\0')
            return fault("no name holds a NUL character", at_);
        if (!is_ascii(here()))
            return fault("a set may hold ASCII characters only; write alternatives such as {ä,ö}", at_);
        return read_byte();
    }

    std::expected<GlobNode, Fault> read_alternatives(unsigned depth) {
        const std::size_t start = at_++;
        if (depth == max_glob_nesting)
            return fault("alternatives are nested deeper than " + std::to_string(max_glob_nesting), start);
        GlobAlternatives alternatives;
        for (;;) {
            auto branch = read_sequence(depth + 1);
            if (!branch)
                return std::unexpected(branch.error());
            alternatives.branches.push_back(std::move(*branch));
            if (at_end())
                return fault("\"{\" is not closed by \"}\"; write \"\\{\" for the character itself", start);
            if (text_[at_++] == '}')
                break;
        }
        if (alternatives.branches.size() < 2)
            return fault("alternatives need a comma, as in {a,b}; write \"\\{\" for the character itself",
                         start);
        return GlobNode{std::move(alternatives), start};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::expected<GlobSequence, Fault> parse_glob(std::string_view text) {
    return Reader(text).read();
}

std::optional<std::string> literal(const GlobSequence& sequence) {
    std::string name;
    for (const auto& node : sequence) {
        const auto* byte = std::get_if<GlobByte>(&node.is);
        if (byte == nullptr)
            return std::nullopt;
        name += static_cast<char>(byte->value);
    }
    return name;
}

std::string escape_glob(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (std::string_view("*?[]{}\\").find(c) != std::string_view::npos)
            text += '\\';
        text += c;
    }
    return text;
}

std::string literal_prefix(const GlobSequence& sequence) {
    std::string name;
    for (const auto& node : sequence) {
        const auto* byte = std::get_if<GlobByte>(&node.is);
        if (byte == nullptr) {
            const auto slash = name.rfind('/');
            return slash == 0 ? "/" : name.substr(0, slash == std::string::npos ? 0 : slash);
        }
        name += static_cast<char>(byte->value);
    }
    return name;
}

} // namespace enforced::policy
