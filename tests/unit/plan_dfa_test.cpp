// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/dfa.hpp"

#include <gtest/gtest.h>

#include "plan/determinise.hpp"
#include "plan/minimise.hpp"
#include "plan/pattern.hpp"

namespace enforced::plan {
namespace {

/// One group a glob.
Determinised automaton(std::initializer_list<const char*> globs, const Absorbs& absorbs = {}) {
    Nfa nfa;
    Nfa::Group group = 0;
    for (const char* glob : globs)
        nfa.accept(append(nfa, Nfa::start, *policy::parse_glob(glob)), group++);
    auto result = determinise(nfa, absorbs);
    EXPECT_TRUE(result);
    return std::move(*result);
}

std::vector<Nfa::Group> match(const Determinised& automaton, std::string_view name) {
    return automaton.labels[automaton.dfa.states[run(automaton.dfa, 0, name)].label];
}

using Groups = std::vector<Nfa::Group>;

TEST(PlanDfa, AnswersWhichGlobsMatch) {
    const auto globs = automaton({"/a/*", "/a/**", "/a/b", "/{a,c}/[!b]?"});
    EXPECT_EQ(match(globs, "/a/b"), (Groups{0, 1, 2}));
    EXPECT_EQ(match(globs, "/a/b/c"), (Groups{1}));
    EXPECT_EQ(match(globs, "/c/de"), (Groups{3}));
    EXPECT_EQ(match(globs, "/c/be"), (Groups{}));
    EXPECT_EQ(match(globs, "/a"), (Groups{}));
    EXPECT_EQ(match(globs, ""), (Groups{}));
}

TEST(PlanDfa, GlobsKnowBytesNotCharacters) {
    const auto globs = automaton({"/?", "/*\n*", "/\xff"});
    EXPECT_EQ(match(globs, "/\xc3\xa4"), (Groups{})) << "two bytes";
    EXPECT_EQ(match(globs, "/a\nb"), (Groups{1}));
    EXPECT_EQ(match(globs, "/\xff"), (Groups{0, 2}));
}

TEST(PlanDfa, IsAsSmallAsItCanBe) {
    const auto globs = automaton({"/{abc,xbc}", "/{yb,zb}c"});
    Dfa dfa = globs.dfa;
    for (auto& state : dfa.states)
        state.label = state.label != 0;
    // start, "/", one of a x y z, b, c, and what matches nothing.
    EXPECT_EQ(minimise(dfa).states.size(), 6U);
    EXPECT_GT(globs.dfa.states.size(), 6U);
}

TEST(PlanDfa, MinimisingChangesNoAnswer) {
    const auto globs = automaton({"/**/a*b", "/*/b", "/{a,b}/**", "/a/[a-c]*"});
    const Dfa least = minimise(globs.dfa);
    for (const char* name : {"", "/", "/a", "/a/b", "/b/ab", "/a/b/c/aab", "/c/ab", "/a/cb", "/x", "//a"})
        EXPECT_EQ(least.states[run(least, 0, name)].label, globs.dfa.states[run(globs.dfa, 0, name)].label)
            << name;
    EXPECT_EQ(minimise(least), least);
}

TEST(PlanDfa, TheMostFrequentTargetNeedsNoEdges) {
    const auto globs = automaton({"/[!ab]"});
    const Dfa least = minimise(globs.dfa);
    EXPECT_EQ(edges_of(least, run(least, 0, "/")).size(), 3U) << "a, b and the slash";
}

TEST(PlanDfa, KnowsWhatCanStillBeReached) {
    const Dfa dfa = minimise(automaton({"/a/b"}).dfa);
    std::vector<bool> accepting;
    for (const auto& state : dfa.states)
        accepting.push_back(state.label != 0);
    const auto reached = reaches(dfa, accepting);
    EXPECT_TRUE(reached[run(dfa, 0, "/a")]);
    EXPECT_TRUE(reached[run(dfa, 0, "/a/b")]);
    EXPECT_FALSE(reached[run(dfa, 0, "/b")]);
}

TEST(PlanDfa, ASettledGroupDropsWhatItAbsorbs) {
    const auto first_wins = [](Nfa::Group settled, Nfa::Group other) { return settled < other; };
    const auto globs = automaton({"/**/a/**", "/**/b/**", "/**/c/**", "/**/d/**"}, first_wins);
    EXPECT_EQ(match(globs, "/x/b/x/a/y"), (Groups{0}));
    EXPECT_EQ(match(globs, "/x/c/b/y"), (Groups{1}));
    EXPECT_EQ(match(globs, "/x/a/c/y"), (Groups{0}));
    EXPECT_LT(globs.dfa.states.size(),
              automaton({"/**/a/**", "/**/b/**", "/**/c/**", "/**/d/**"}).dfa.states.size());
}

TEST(PlanDfa, GivesUpOnWhatExplodes) {
    Nfa nfa;
    nfa.accept(append(nfa, Nfa::start, *policy::parse_glob("/**a????????????????????????????")), 0);
    const auto result = determinise(nfa);
    ASSERT_FALSE(result);
    EXPECT_GT(result.error().states, max_subset_states);
}

} // namespace
} // namespace enforced::plan
