// SPDX-License-Identifier: GPL-2.0-or-later
/// What the corpus cannot say: the values that come out, and texts that no editor would keep.
#include "policy/parse.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "base/utf8.hpp"
#include "support/corpus.hpp"

namespace enforced::policy {
namespace {

struct Read {
    Policy policy;
    std::vector<std::string> lines;
};

Read read(std::string_view text) {
    Read result;
    Diagnostics diagnostics;
    parse(text, "f", result.policy, diagnostics);
    for (const auto& each : diagnostics)
        result.lines.push_back(render(each));
    return result;
}

void expect_first(std::string_view text, const std::string& line) {
    const auto lines = read(text).lines;
    ASSERT_FALSE(lines.empty()) << line;
    EXPECT_TRUE(lines[0].starts_with(line)) << lines[0] << "\nis not\n" << line;
}

TEST(Parse, ReadsThePolicyOfTheDesign) {
    const auto [policy, lines] = read(test::read_text(SOURCE_ROOT "/tests/policies/good/nginx.toml"));
    EXPECT_TRUE(lines.empty());
    EXPECT_EQ(policy.units[1].text, "nginx@*.service");
    EXPECT_EQ(policy.units[1].at.line, 3U);
    EXPECT_EQ(policy.units[1].at.column, 27U);
    const auto& rule = policy.file->rules.at(0);
    EXPECT_EQ(rule.path.size(), 3U);
    EXPECT_EQ(rule.except.at(0).text, "/home/www/public/**");
    EXPECT_EQ(rule.access, access_all);
    EXPECT_EQ(rule.action, Action::deny);
    EXPECT_EQ(rule.at.line, 10U);
    EXPECT_EQ(policy.exec->default_.value, Permission::deny);
    EXPECT_EQ(policy.exec->anonymous->value, Permission::deny);
    EXPECT_EQ(policy.exec->libraries.at(0).text, "/usr/lib/**");
    EXPECT_EQ(policy.network->families->at(2).number, AF_UNIX);
    EXPECT_EQ(policy.network->bind.allow.size(), 2U);
    EXPECT_EQ(policy.network->connect.deny.at(0).protocol, Protocol::any);
}

TEST(Parse, ReadsEachAccessAndAction) {
    const std::vector<std::pair<std::string, std::uint32_t>> accesses = {
        {"read", access_read},     {"write", access_write},   {"create", access_create},
        {"delete", access_delete}, {"rename", access_rename}, {"link", access_link},
        {"attr", access_attr}};
    for (const auto& [word, bit] : accesses)
        EXPECT_EQ(read("[[file.rule]]\npath=['/a']\naction='kill'\naccess=['" + word + "']")
                      .policy.file->rules.at(0)
                      .access,
                  bit);
    const std::vector<std::pair<std::string, Action>> actions = {
        {"allow", Action::allow}, {"deny", Action::deny}, {"kill", Action::kill}, {"audit", Action::audit}};
    for (const auto& [word, action] : actions)
        EXPECT_EQ(read("[[file.rule]]\npath=['/a']\naccess='all'\naction='" + word + "'")
                      .policy.file->rules.at(0)
                      .action,
                  action);
}

TEST(Parse, ReadsBothSpellingsOfNestedKeysAlike) {
    const auto dotted = read("[network]\nconnect.allow = ['tcp:80']\nbind.deny = ['udp:1']\n");
    const auto tables = read("[network.connect]\nallow = ['tcp:80']\n[network.bind]\ndeny = ['udp:1']\n");
    EXPECT_TRUE(dotted.lines.empty());
    EXPECT_TRUE(tables.lines.empty());
    EXPECT_EQ(dotted.policy, tables.policy);
    EXPECT_EQ(dotted.policy.network->connect.allow.size(), 1U);
}

TEST(Parse, LeavesDefaultsWhereNothingIsSaid) {
    const auto policy = read("").policy;
    EXPECT_EQ(policy.mode, Mode::enforce);
    EXPECT_EQ(policy.on_unsupported, OnUnsupported::refuse);
    EXPECT_FALSE(policy.file || policy.exec || policy.network);
    EXPECT_EQ(read("[file]").policy.file->default_.value, Permission::allow);
    EXPECT_FALSE(read("[network]").policy.network->families);
    EXPECT_TRUE(read("[network]\nfamilies = []").policy.network->families->empty());
}

TEST(Parse, CountsColumnsInBytes) {
    expect_first("description = \"\xc3\xa4\xe2\x82\xac\" x", "f:1:23: error: this is not TOML");
    expect_first("units = ['\xc3\xa4', 7]", "f:1:11: error: no unit's name");
    expect_first("units = [ # \xc3\xa4\n'a.service', 7]", "f:2:14: error: ");
    const auto lines = read("units = ['a.\xc3\xa4service', 7]").lines;
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_TRUE(lines[1].starts_with("f:1:25: ")) << lines[1];
}

TEST(Parse, PointsIntoAStringOnlyWhereItIsWrittenAsItIs) {
    expect_first("units = [\"a.b\"]", "f:1:13: ");
    expect_first("units = ['a.b']", "f:1:13: ");
    expect_first("units = [\"\\u0061.b\"]", "f:1:10: ");
    expect_first("units = ['''a.b''']", "f:1:10: ");
}

TEST(Parse, CountsColumnsBehindAByteOrderMark) {
    expect_first("\xef\xbb\xbfmood = 1", "f:1:1: ");
}

TEST(Parse, RefusesOtherEncodings) {
    expect_first(std::string_view("\xff\xfeu\0n\0", 6), "f:1:1: error: the file is UTF-16");
    expect_first(std::string_view("\xfe\xff\0u\0n", 6), "f:1:1: error: the file is UTF-16");
    expect_first("mode = \"\xed\xa0\x80\"", "f:1:9: error: the text is not UTF-8");
    expect_first("mode = \"\xf4\x90\x80\x80\"", "f:1:9: error: the text is not UTF-8");
    expect_first("a = 1\nb = \"\xc3", "f:2:6: error: the text is not UTF-8");
}

TEST(Parse, RefusesWhatIsNotAsciiOutsideStringsAndComments) {
    expect_first("a = 1\u2014", "f:1:6: error: outside strings");
    expect_first("\u00e4 = 1", "f:1:1: error: outside strings");
    expect_first("description = 'x'\u3001", "f:1:18: error: outside strings");
    EXPECT_TRUE(read("description = '\u2014' # \u2014").lines.empty());
}

TEST(Parse, KeepsEveryCharacterOfAString) {
    std::string all;
    for (const char32_t c : {0x80, 0x85, 0xa0, 0xe4, 0x7ff, 0x800, 0x1680, 0x2014, 0x2028, 0x202f, 0x3000,
                             0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x1f600, 0xfffff})
        append_utf8(all, c);
    EXPECT_EQ(read("description = '" + all + "'").policy.description, all);
    EXPECT_EQ(read("description = '''x\n" + all + "'''").policy.description, "x\n" + all);
    EXPECT_EQ(read("description = \"\\u00e4\\U0001F600\"").policy.description, "\u00e4\U0001f600");
    expect_first("'\u00e4\u2014' = 1", "f:1:1: error: unknown key \"\u00e4\u2014\"");
}

// These are undefined behaviour if toml++ gets to see them as they are.
TEST(Parse, SurvivesCharactersThatTomlPlusPlusCallsUnreachable) {
    EXPECT_EQ(read("description = \"\"\"a\\\n  \u00e4\"\"\"").policy.description, "a\u00e4");
    expect_first("description = \"\"\"a\\\u00e4\"\"\"", "f:1:");
    expect_first("description = -[\"\u1700\"]", "f:1:");
}

TEST(Parse, RefusesTheLastPrivatePlane) {
    expect_first("description = '\U00100000'", "f:1:16: error: characters beyond");
    expect_first("description = \"\\U0010ffff\"", "f:1:16: error: characters beyond");
}

TEST(Parse, BoundsTheText) {
    const std::string comment = "units = ['a.service']\n#";
    const std::string fits = comment + std::string(max_policy_text - comment.size(), 'x');
    EXPECT_TRUE(read(fits).lines.empty());
    const auto lines = read(fits + "x").lines;
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("larger than 1048576 bytes"), std::string::npos);
}

std::string repeat(std::string_view part, std::size_t size) {
    std::string text;
    while (text.size() + part.size() <= size)
        text += part;
    return text;
}

// Each would exhaust the stack if it came to a parser that recurses, or to a tree that is freed by recursion.
TEST(Parse, SurvivesAnyNesting) {
    const std::string key = repeat("a.", 1000000);
    for (const auto& text :
         {"x = " + repeat("[", 1000000), "x = " + repeat("{a=", 1000000), key + "a = 1", "[" + key + "a]",
          "[[" + key + "a]]", "x = {" + key + "a = 1}", repeat("'a'.", 1000000) + "a = 1",
          "x = [\n" + repeat("[\n", 1000000),
          "x = '''" + repeat("[", 100) + "'''''\ny = " + repeat("[", 900000),
          "x = \"\\\"\" # \"\ny = " + repeat("[", 900000), repeat("[[a]]\n[a.b]\n", 1000000)})
        EXPECT_FALSE(read(text).lines.empty());
}

TEST(Parse, CountsNoBracketsInStringsAndComments) {
    const auto brackets = repeat("[{.", 90);
    for (const auto& text :
         {"description = \"" + brackets + "\"", "description = '" + brackets + "'",
          "description = \"\"\"\n" + brackets + "\"\n" + brackets + "\"\"\"\"\"",
          "description = '''\n" + brackets + "'\n" + brackets + "'''''", "#" + brackets,
          "description = \"\\\"" + brackets + "\"", "description = \"\\\\\" # " + brackets})
        EXPECT_TRUE(read(text).lines.empty()) << text;
}

// Quadratic work would take minutes here.
TEST(Parse, TakesAMegabyteOnOneLineInItsStride) {
    EXPECT_EQ(read("units = [" + repeat("7,", 1000000) + "]").lines.size(), 100U);
    EXPECT_TRUE(read("units = [" + repeat("'a.service',", 1000000) + "]").lines.empty());
    const auto rules = "file.rule = [" + repeat("{path=['/a'],access='all',action='deny'},", 1000000) + "]";
    EXPECT_TRUE(read(rules).lines.empty());
    EXPECT_EQ(read(repeat("a", 1000000) + " = 1").lines.size(), 1U);
    EXPECT_EQ(read("mode = '" + repeat("a", 1000000) + "'").lines.size(), 1U);
}

TEST(Parse, ListsABoundedNumberOfFaults) {
    const auto lines = read("units = [" + repeat("7,", 1000) + "]").lines;
    ASSERT_EQ(lines.size(), 100U);
    EXPECT_EQ(lines.back(), "f: error: there are more of these than are listed");
}

TEST(Parse, ManyWarningsMakeNoError) {
    Policy policy;
    Diagnostics diagnostics;
    parse("[exec]\ndeny = [" + repeat("'/bin/sh',", 5000) + "]", "f", policy, diagnostics);
    EXPECT_EQ(diagnostics.size(), 100U);
    EXPECT_FALSE(has_errors(diagnostics));
}

TEST(Parse, SaysNoMoreOfAValueThanFitsOnALine) {
    for (const auto& line :
         read("mode = '" + std::string(5000, 'x') + "'\n" + std::string(5000, 'y') + " = 1").lines)
        EXPECT_LT(line.size(), 400U);
}

TEST(PolicyName, IsTheStem) {
    EXPECT_EQ(policy_name("nginx.toml").value(), "nginx");
    EXPECT_EQ(policy_name("50-nginx@a_b.c.toml").value(), "50-nginx@a_b.c");
    EXPECT_EQ(policy_name(std::string(64, 'a') + ".toml").value(), std::string(64, 'a'));
}

TEST(PolicyName, IsPlain) {
    for (const auto& basename :
         {std::string("nginx"), std::string(".toml"), std::string("nginx.conf"),
          std::string(65, 'a') + ".toml", std::string("a b.toml"), std::string("a/b.toml"),
          std::string("-a.toml"), std::string("..toml"), std::string("\xc3\xa4.toml"),
          std::string("a\n.toml"), std::string("a\0.toml", 7)})
        EXPECT_FALSE(policy_name(basename)) << basename;
}

} // namespace
} // namespace enforced::policy
