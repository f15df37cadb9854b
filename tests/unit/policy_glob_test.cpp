// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/glob.hpp"

#include <gtest/gtest.h>

#include <string>

namespace enforced::policy {
namespace {

GlobSequence parsed(std::string_view text) {
    auto glob = parse_glob(text);
    EXPECT_TRUE(glob) << text << ": " << (glob ? "" : glob.error().message);
    return glob.value_or(GlobSequence{});
}

std::bitset<256> set_of(std::string_view text) {
    const auto glob = parsed(text);
    return glob.size() == 1 ? std::get<GlobSet>(glob[0].is).bytes : std::bitset<256>{};
}

void expect_fault(std::string_view text, std::size_t offset, std::string_view part) {
    const auto glob = parse_glob(text);
    ASSERT_FALSE(glob) << text;
    EXPECT_EQ(glob.error().offset, offset) << text;
    EXPECT_NE(glob.error().message.find(part), std::string::npos) << glob.error().message;
}

TEST(Glob, ReadsEachKindOfNodeWithItsOffset) {
    const auto glob = parsed("a*/**?{x,}\\*");
    ASSERT_EQ(glob.size(), 7U);
    EXPECT_EQ(std::get<GlobByte>(glob[0].is).value, 'a');
    EXPECT_TRUE(std::holds_alternative<GlobStar>(glob[1].is));
    EXPECT_EQ(std::get<GlobByte>(glob[2].is).value, '/');
    EXPECT_TRUE(std::holds_alternative<GlobStarStar>(glob[3].is));
    EXPECT_EQ(std::get<GlobSet>(glob[4].is).bytes.count(), 255U);
    const auto& branches = std::get<GlobAlternatives>(glob[5].is).branches;
    ASSERT_EQ(branches.size(), 2U);
    EXPECT_EQ(branches[0].size(), 1U);
    EXPECT_TRUE(branches[1].empty());
    EXPECT_EQ(std::get<GlobByte>(glob[6].is).value, '*');
    EXPECT_EQ(glob[6].offset, 10U);
}

TEST(Glob, ASetNeverHoldsTheSlash) {
    for (const auto* text : {"?", "[!a]", "[+-9]", "[!]]"})
        EXPECT_FALSE(set_of(text).test('/')) << text;
}

TEST(Glob, ASetHoldsWhatItSays) {
    EXPECT_EQ(set_of("[a-c]").to_string(), set_of("[abc]").to_string());
    EXPECT_EQ(set_of("[!a]").count(), 254U);
    EXPECT_TRUE(set_of("[!a]").test(0xe4));
    EXPECT_TRUE(set_of("[]]").test(']'));
    EXPECT_TRUE(set_of("[a-]").test('-'));
    EXPECT_TRUE(set_of("[-a]").test('-'));
    EXPECT_TRUE(set_of("[\\]a]").test(']'));
    EXPECT_FALSE(set_of("[\\]a]").test('\\'));
    EXPECT_TRUE(set_of("[a\\-c]").test('-'));
    EXPECT_FALSE(set_of("[a\\-c]").test('b'));
}

TEST(Glob, BytesThatAreNotAsciiStandForThemselves) {
    EXPECT_EQ(literal(parsed("/srv/caf\xc3\xa9")), "/srv/caf\xc3\xa9");
}

TEST(Glob, FaultsNameTheirPlace) {
    expect_fault("/a[b", 2, "is not closed by \"]\"");
    expect_fault("/a[", 2, "is not closed by \"]\"");
    expect_fault("/a[]", 2, "is not closed by \"]\"");
    expect_fault("/a[!", 2, "is not closed by \"]\"");
    expect_fault("/a[b-", 2, "is not closed by \"]\"");
    expect_fault("/a{b,c", 2, "is not closed by \"}\"");
    expect_fault("/a{", 2, "is not closed by \"}\"");
    expect_fault("/a{b}", 2, "need a comma");
    expect_fault("/a{}", 2, "need a comma");
    expect_fault("/a}b", 2, "has no \"{\"");
    expect_fault("/a\\", 2, "escapes nothing");
    expect_fault("a\\x2d", 1, "escapes only punctuation");
    expect_fault("/a[\\", 3, "escapes nothing");
    expect_fault("/a***", 2, "has no meaning");
    expect_fault("/[^a]", 2, "negated by \"!\"");
    expect_fault("/[z-a]", 2, "backwards");
    expect_fault("/[a/b]", 3, "cannot match \"/\"");
    expect_fault("/[[:alpha:]]", 2, "named classes");
    expect_fault("/[\xc3\xa4]", 2, "ASCII");
    expect_fault(std::string_view("/a\0b", 4), 2, "NUL");
    expect_fault(std::string_view("/[a\0]", 5), 3, "NUL");
    expect_fault(std::string(4097, 'a'), 4096, "longer than 4096");
}

TEST(Glob, NestingIsBounded) {
    const auto nested = [](unsigned depth) {
        std::string text = "x";
        for (unsigned i = 0; i < depth; ++i)
            text = "{a," + text + "}";
        return text;
    };
    EXPECT_TRUE(parse_glob(nested(max_glob_nesting)));
    EXPECT_FALSE(parse_glob(nested(max_glob_nesting + 1)));
    EXPECT_FALSE(parse_glob(std::string(4096, '{')));
}

TEST(Glob, LiteralIsTheNameWithEscapesResolved) {
    EXPECT_EQ(literal(parsed("/srv/\\[a\\]")), "/srv/[a]");
    EXPECT_EQ(literal(parsed("/srv/{a,b}")), std::nullopt);
    EXPECT_EQ(literal(parsed("/srv/?")), std::nullopt);
}

TEST(Glob, LiteralPrefixIsTheDirectoryAllMatchesShare) {
    EXPECT_EQ(literal_prefix(parsed("/srv/www/**")), "/srv/www");
    EXPECT_EQ(literal_prefix(parsed("/srv/www/*.html")), "/srv/www");
    EXPECT_EQ(literal_prefix(parsed("/srv/www*")), "/srv");
    EXPECT_EQ(literal_prefix(parsed("/srv/{a,b}/c")), "/srv");
    EXPECT_EQ(literal_prefix(parsed("/*")), "/");
    EXPECT_EQ(literal_prefix(parsed("/**")), "/");
    EXPECT_EQ(literal_prefix(parsed("/etc/shadow")), "/etc/shadow");
    EXPECT_EQ(literal_prefix(parsed("/")), "/");
    EXPECT_EQ(literal_prefix(parsed("**")), "");
}

} // namespace
} // namespace enforced::policy
