// SPDX-License-Identifier: GPL-2.0-or-later
/// The syntax of globs, which paths and unit names share.
///
///     *        any number of bytes, none of them '/'
///     **       any number of bytes
///     ?        one byte that is not '/'
///     [a-z]    one byte of the set; [!a-z] one that is not in it; neither is ever '/'
///     {a,b}    one of the alternatives, which may be empty, may hold globs and may be nested
///     \x       the punctuation character x itself
#pragma once

#include <bitset>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/fault.hpp"

namespace enforced::policy {

constexpr std::size_t max_glob_length = 4096; // bytes, as the kernel's PATH_MAX
constexpr unsigned max_glob_nesting = 8;      // alternatives within alternatives

struct GlobNode;

/// Nodes that match one after the other.
using GlobSequence = std::vector<GlobNode>;

struct GlobByte {
    unsigned char value = 0;
};

/// `?` and `[...]`. Never contains '/'.
struct GlobSet {
    std::bitset<256> bytes;
};

/// `*`
struct GlobStar {};

/// `**`
struct GlobStarStar {};

struct GlobAlternatives {
    std::vector<GlobSequence> branches; // two at least
};

struct GlobNode {
    std::variant<GlobByte, GlobSet, GlobStar, GlobStarStar, GlobAlternatives> is;
    std::size_t offset = 0; // in bytes, of the node's first character in the glob's text
};

/// Reads any glob, of paths or of unit names. Neither side of the result allocates more than a small multiple
/// of the text.
std::expected<GlobSequence, Fault> parse_glob(std::string_view text);

/// The one name that the glob stands for, escapes resolved; none if it has wildcards or alternatives.
std::optional<std::string> literal(const GlobSequence&);

/// The glob that stands for this one name, which holds no NUL.
std::string escape_glob(std::string_view name);

/// The longest directory that is in the name of everything the path glob can match: "/srv/www" for
/// "/srv/www/**" and "/srv/www/*.html", "/srv" for "/srv/www*", "/" for "/*". A glob without wildcards is its
/// own prefix. Without a trailing '/', but for the root itself.
std::string literal_prefix(const GlobSequence&);

} // namespace enforced::policy
