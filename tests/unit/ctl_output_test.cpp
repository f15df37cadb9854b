// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <clocale>
#include <cstdlib>
#include <ctime>
#include <map>

#include "ctl/output/duration.hpp"
#include "ctl/output/json.hpp"
#include "ctl/output/pager.hpp"
#include "ctl/output/table.hpp"

namespace enforced::ctl {
namespace {

constexpr std::uint64_t second = 1'000'000;
constexpr std::uint64_t missing = ~0ULL;

Terminal of_width(unsigned columns) {
    Terminal terminal;
    terminal.is_one = true;
    terminal.columns = columns;
    return terminal;
}

class Output : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        std::setlocale(LC_ALL, "C.UTF-8");
        setenv("TZ", "UTC0", 1);
        tzset();
    }
};

Table usual_table() {
    Table table({{"UNIT", false, true}, {"COUNT", true}, {"MESSAGE"}});
    table.row({"nginx.service", "7", "refused: may not read /srv/private/accounts.html"});
    table.row({"a.scope", "12", "\u00fcber"});
    return table;
}

TEST_F(Output, ATableAlignsItsColumns) {
    EXPECT_EQ(usual_table().draw({}, true, false),
              "UNIT           COUNT  MESSAGE\n"
              "nginx.service      7  refused: may not read /srv/private/accounts.html\n"
              "a.scope           12  \u00fcber\n");
}

TEST_F(Output, ATableLeavesOutItsTitles) {
    EXPECT_EQ(usual_table().draw({}, false, false),
              "nginx.service   7  refused: may not read /srv/private/accounts.html\n"
              "a.scope        12  \u00fcber\n");
}

TEST_F(Output, ATableFitsTheTerminal) {
    auto terminal = of_width(40);
    const auto text = usual_table().draw(terminal, true, false);
    EXPECT_EQ(text, "UNIT           COUNT  MESSAGE\n"
                    "nginx.service      7  refused: may no...\n"
                    "a.scope           12  \u00fcber\n");
    terminal.utf8 = true;
    EXPECT_NE(usual_table().draw(terminal, true, false).find("refused: may not \u2026\n"), std::string::npos);
}

TEST_F(Output, ATableIsNotCutIfItIsToBeFull) {
    EXPECT_EQ(usual_table().draw(of_width(40), true, true), usual_table().draw({}, true, false));
}

TEST_F(Output, ATableNeverCutsWhatPeopleCopy) {
    EXPECT_NE(usual_table().draw(of_width(10), true, false).find("nginx.service"), std::string::npos);
}

TEST_F(Output, ATableShowsNoControlCharacters) {
    Table table({{"NAME"}});
    table.row({"a\x1b[31m\nb"});
    EXPECT_EQ(table.draw({}, false, false), "a\\x1b[31m\\nb\n");
}

TEST_F(Output, ColourDoesNotCountAsWidth) {
    Table table({{"STATE"}, {"NAME"}});
    table.row({{"works", Tint::good}, "x"});
    Terminal terminal = of_width(80);
    terminal.colour = true;
    EXPECT_EQ(table.draw(terminal, false, false), "\x1b[0;1;32mworks\x1b[0m  x\n");
}

TEST_F(Output, WideCharactersTakeTwoColumns) {
    EXPECT_EQ(width_of("a\u4e2d"), 3U);
    EXPECT_EQ(width_of("\xff"), 1U);
    EXPECT_EQ(cut("\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d", 8, {}), "\u4e2d\u4e2d...");
    EXPECT_EQ(cut("abc", 3, {}), "abc");
}

TEST_F(Output, ColourIsForTerminalsUnlessAskedForOtherwise) {
    EXPECT_TRUE(wants_colour(true, nullptr, nullptr, "xterm"));
    EXPECT_FALSE(wants_colour(false, nullptr, nullptr, "xterm"));
    EXPECT_FALSE(wants_colour(true, nullptr, nullptr, "dumb"));
    EXPECT_FALSE(wants_colour(true, nullptr, nullptr, nullptr));
    EXPECT_FALSE(wants_colour(true, nullptr, "1", "xterm"));
    EXPECT_TRUE(wants_colour(true, nullptr, "", "xterm"));
    EXPECT_TRUE(wants_colour(false, "1", "1", "dumb"));
    EXPECT_TRUE(wants_colour(false, "256", nullptr, nullptr));
    EXPECT_FALSE(wants_colour(true, "0", nullptr, "xterm"));
    EXPECT_FALSE(wants_colour(false, "auto-256", nullptr, "xterm"));
    EXPECT_TRUE(wants_colour(true, "nonsense", nullptr, "xterm"));
}

Environment environment(std::map<std::string, std::string> variables) {
    return [variables](const char* name) -> const char* {
        static std::map<std::string, std::string> kept;
        kept = variables;
        const auto found = kept.find(name);
        return found == kept.end() ? nullptr : found->second.c_str();
    };
}

TEST_F(Output, ThePagerIsTheOneThatWasAskedFor) {
    using Commands = std::vector<std::string>;
    EXPECT_EQ(pager_commands(environment({{"TERM", "xterm"}}), false), (Commands{"less", "more"}));
    EXPECT_EQ(pager_commands(environment({{"TERM", "xterm"}, {"PAGER", "most"}}), false),
              (Commands{"most", "less", "more"}));
    EXPECT_EQ(pager_commands(
                  environment({{"TERM", "xterm"}, {"PAGER", "most"}, {"SYSTEMD_PAGER", "less -S"}}), false),
              (Commands{"less -S", "less", "more"}));
    for (const char* none : {"", "cat"})
        EXPECT_EQ(pager_commands(environment({{"TERM", "xterm"}, {"SYSTEMD_PAGER", none}}), false),
                  Commands{});
    EXPECT_EQ(pager_commands(environment({{"TERM", "dumb"}}), false), Commands{});
    EXPECT_EQ(pager_commands(environment({}), false), Commands{});
}

TEST_F(Output, ThePagerOfWhoWasLetInGivesNoShell) {
    const auto asked = environment({{"TERM", "xterm"}, {"PAGER", "vim -"}, {"SYSTEMD_LESS", "FRS"}});
    EXPECT_EQ(pager_commands(asked, true), std::vector<std::string>{"less"});
    EXPECT_EQ(pager_variables(asked, true, true),
              (std::vector<std::string>{"LESS=FRS", "LESSCHARSET=utf-8", "LESSSECURE=1", "LESSOPEN="}));
    EXPECT_EQ(pager_variables(environment({}), false, false), std::vector<std::string>{"LESS=FRSXMK"});
}

TEST_F(Output, DurationsAreReadAsSystemdWritesThem) {
    const std::map<std::string, std::uint64_t> good = {
        {"90", 90 * second},           {"5min", 300 * second},
        {"1h 30min", 5400 * second},   {"1h30min", 5400 * second},
        {"2 d", 172800 * second},      {"500ms", second / 2},
        {" 1 week ", 604800 * second}, {"0", 0}};
    for (const auto& [text, microseconds] : good)
        EXPECT_EQ(parse_duration(text).value_or(missing), microseconds) << text;
    for (const char* text :
         {"", " ", "5x", "min", "-1s", "1.5h", "5min!", "99999999999999999999", "18446744073709551615w"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

TEST_F(Output, DurationsArePrintedShort) {
    EXPECT_EQ(print_duration(252 * second), "4min 12s");
    EXPECT_EQ(print_duration(7500 * second), "2h 5min");
    EXPECT_EQ(print_duration(3600 * second), "1h");
    EXPECT_EQ(print_duration(12 * second + 345'000), "12s");
    EXPECT_EQ(print_duration(800'000), "800ms");
    EXPECT_EQ(print_duration(5), "less than 1ms");
    EXPECT_EQ(print_duration(0), "0");
    EXPECT_EQ(print_duration(8 * 86400 * second), "1w 1d");
}

TEST_F(Output, TimesAreReadAsJournalctlDoes) {
    const std::uint64_t now = 1'769'868'309 * second; // Sat 2026-01-31 14:05:09
    EXPECT_EQ(print_time(now), "Sat 2026-01-31 14:05:09");
    const std::map<std::string, std::uint64_t> good = {{"now", now},
                                                       {"2026-01-31 14:05:09", now},
                                                       {"2026-01-31T14:05:09", now},
                                                       {"2026-01-31 14:05", now - 9 * second},
                                                       {"14:05", now - 9 * second},
                                                       {"2026-01-31", 1'769'817'600 * second},
                                                       {"today", 1'769'817'600 * second},
                                                       {"yesterday", 1'769'731'200 * second},
                                                       {"-1h", now - 3600 * second},
                                                       {"1h 5min ago", now - 3900 * second},
                                                       {"@1769868309", now},
                                                       {"-100w", now - 60'480'000 * second}};
    for (const auto& [text, microseconds] : good)
        EXPECT_EQ(parse_time(text, now).value_or(missing), microseconds) << text;
    for (const char* text :
         {"", "soon", "2026-13-01", "2026-04-31", "25:00", "2026-01-31 14:05:09 x", "ago", "@x"})
        EXPECT_FALSE(parse_time(text, now)) << text;
}

TEST_F(Output, KeysOfJsonAreTheNamesOfTheInterface) {
    EXPECT_EQ(json_key("NotInForce"), "not_in_force");
    EXPECT_EQ(json_key("timeout-usec"), "timeout_usec");
    EXPECT_EQ(json_key("name"), "name");
    EXPECT_EQ(json_text({{"a", "\xff"}}, Json::on_one_line), "{\"a\":\"\uFFFD\"}\n");
    EXPECT_EQ(json_text({{"a", 1}}, Json::pretty), "{\n  \"a\": 1\n}\n");
}

} // namespace
} // namespace enforced::ctl
