// SPDX-License-Identifier: GPL-2.0-or-later
/// Texts that nobody would write, made of the corpus by mutation: the same ones each time, others with
/// --gtest_random_seed=N. Build with -Db_sanitize=address,undefined to see more than a crash.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "policy/merge.hpp"
#include "policy/print.hpp"
#include "support/corpus.hpp"
#include "support/source.hpp"

namespace enforced::policy {
namespace {

/// As many good texts as bad ones, or nearly all mutants would fail where their parents did.
std::vector<std::string> seeds() {
    std::vector<std::string> texts;
    for (const auto& file : test::corpus("bad"))
        texts.push_back(test::read_text(file));
    const auto good = test::corpus("good");
    for (std::size_t i = texts.size(); i > 0; --i)
        texts.push_back(test::read_text(good[i % good.size()]));
    return texts;
}

class Mutator {
  public:
    Mutator(const std::vector<std::string>& seeds, int seed)
        : seeds_(seeds), engine_(static_cast<unsigned>(seed)) {}

    std::string next() {
        std::string text = pick(seeds_);
        for (std::size_t left = 1 + below(4); left > 0; --left)
            mutate(text);
        return text;
    }

  private:
    std::size_t below(std::size_t end) { return engine_() % end; }
    const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

    std::string piece(const std::string& text) {
        return text.empty() ? "" : text.substr(below(text.size()), 1 + below(40));
    }

    void mutate(std::string& text) {
        static const std::vector<std::string> tokens = {"[",
                                                        "]",
                                                        "{",
                                                        "}",
                                                        "[[",
                                                        "]]",
                                                        "\"",
                                                        "'",
                                                        "\"\"\"",
                                                        "'''",
                                                        "\\",
                                                        "\\u0000",
                                                        "\\U00110000",
                                                        ".",
                                                        ",",
                                                        "=",
                                                        "\n",
                                                        "\r",
                                                        "#",
                                                        "**",
                                                        "/",
                                                        ":",
                                                        "-",
                                                        "0x",
                                                        "1e9999",
                                                        "99999999999999999999",
                                                        "nan",
                                                        "true",
                                                        "2026-01-01T00:00:00Z",
                                                        "[file]",
                                                        "[[file.rule]]",
                                                        "[exec]",
                                                        "[network]",
                                                        "units",
                                                        "default",
                                                        "\xc3",
                                                        "\xff",
                                                        std::string(1, '\0'),
                                                        "file = {",
                                                        "network.connect.allow = [",
                                                        "any:",
                                                        "/32",
                                                        "65536"};
        const auto at = below(text.size() + 1);
        switch (below(6)) {
        case 0:
            text.insert(at, pick(tokens));
            break;
        case 1:
            text.erase(at, 1 + below(20));
            break;
        case 2:
            text.insert(at, piece(pick(seeds_)));
            break;
        case 3:
            text.insert(at, piece(text));
            break;
        case 4:
            if (at < text.size())
                text[at] = static_cast<char>(below(256));
            break;
        default:
            text.resize(at);
            break;
        }
    }

    const std::vector<std::string>& seeds_;
    std::mt19937 engine_;
};

TEST(Fuzz, AnyTextGivesAPolicyOrDiagnostics) {
    const auto texts = seeds();
    Mutator mutator(texts, GTEST_FLAG_GET(random_seed));
    std::size_t good = 0;
    for (int i = 0; i < 60000; ++i) {
        const auto text = mutator.next();
        const auto merged = merge({test::source("a.toml", text)});
        for (const auto& each : merged.diagnostics)
            ASSERT_EQ(render(each).find_first_of(std::string_view("\n\0\x1b", 3)), std::string::npos) << text;
        ASSERT_TRUE(text.empty() || merged.policies.size() + merged.diagnostics.size() > 0) << text;
        if (merged.policies.empty())
            continue;
        ++good;
        const auto again = merge({test::source("a.toml", print(merged.policies[0]))});
        ASSERT_EQ(again.policies.size(), 1U) << text;
        ASSERT_EQ(again.policies[0], merged.policies[0]) << text;
    }
    EXPECT_GT(good, 800U) << "the mutations are too wild to get past the parser";
}

} // namespace
} // namespace enforced::policy
