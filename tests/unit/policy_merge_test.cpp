// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/merge.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/source.hpp"

namespace enforced::policy {
namespace {

using test::amendment;
using test::source;

constexpr const char* web = "units = [\"web.service\"]\n[exec]\nanonymous = \"deny\"\n";
constexpr const char* other = "units = [\"other.service\"]\n[exec]\nanonymous = \"deny\"\n";
constexpr const char* bad = "units = [\"web\"]\n";

std::vector<std::string> names(const Merged& merged) {
    std::vector<std::string> all;
    for (const auto& policy : merged.policies)
        all.push_back(policy.name);
    return all;
}

std::vector<std::string> rendered(const Merged& merged) {
    std::vector<std::string> all;
    for (const auto& each : merged.diagnostics)
        all.push_back(render(each));
    return all;
}

Policy only(const Merged& merged) {
    EXPECT_EQ(merged.policies.size(), 1U) << testing::PrintToString(rendered(merged));
    return merged.policies.empty() ? Policy{} : merged.policies[0];
}

TEST(Merge, OrdersPoliciesByBasenameAcrossDirectories) {
    const auto merged = merge({source("b.toml", web, 2), source("c.toml", web, 0), source("a.toml", web, 1)});
    EXPECT_EQ(names(merged), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Merge, TakesTheHighestDirectoryWhateverTheOrder) {
    for (const auto& sources : {std::vector{source("a.toml", other, 2), source("a.toml", web, 0)},
                                std::vector{source("a.toml", web, 0), source("a.toml", other, 2)}})
        EXPECT_EQ(only(merge(sources)).units[0].text, "other.service");
}

TEST(Merge, DoesNotReadWhatIsCovered) {
    EXPECT_TRUE(merge({source("a.toml", bad, 0), source("a.toml", web, 1)}).diagnostics.empty());
}

TEST(Merge, AnEmptyFileMasks) {
    const auto merged = merge({source("a.toml", web, 0), source("a.toml", "", 1)});
    EXPECT_TRUE(merged.policies.empty());
    EXPECT_TRUE(merged.diagnostics.empty());
}

TEST(Merge, ALinkToNothingMasks) {
    auto mask = source("a.toml", "", 2);
    mask.masked = true;
    EXPECT_TRUE(merge({source("a.toml", web, 0), mask}).policies.empty());
}

TEST(Merge, AMaskIsItselfCovered) {
    EXPECT_EQ(merge({source("a.toml", "", 0), source("a.toml", web, 2)}).policies.size(), 1U);
}

TEST(Merge, AFileThatCannotBeReadIsNoMaskAndLeavesNothingBelowIt) {
    auto unreadable = source("a.toml", "", 2);
    unreadable.fault = "root does not own it";
    const auto merged = merge({source("a.toml", web, 0), unreadable});
    EXPECT_TRUE(merged.policies.empty());
    EXPECT_EQ(rendered(merged), std::vector<std::string>{"2/a.toml: error: root does not own it"});
}

TEST(Merge, LeavesOutThePolicyWithAnErrorAndKeepsTheOthers) {
    const auto merged = merge({source("a.toml", bad), source("b.toml", web)});
    EXPECT_EQ(names(merged), std::vector<std::string>{"b"});
    ASSERT_EQ(merged.diagnostics.size(), 1U);
    EXPECT_EQ(merged.diagnostics[0].at.file, "0/a.toml");
}

TEST(Merge, ChecksThePolicyOnlyWithItsAmendments) {
    const auto merged = merge({source("a.toml", "[exec]\nanonymous = \"deny\"\n"),
                               amendment("a.toml", "x.toml", "units = [\"web.service\"]")});
    EXPECT_EQ(only(merged).units[0].text, "web.service");
    EXPECT_TRUE(merged.diagnostics.empty());
}

TEST(Amendment, ReplacesWhatIsSingle) {
    const auto policy =
        only(merge({source("a.toml", "description = \"x\"\nmode = \"audit\"\n" + std::string(web)),
                    amendment("a.toml", "x.toml",
                              "description = \"y\"\nmode = \"off\"\non-unsupported = \"warn\"\n"
                              "[exec]\ndefault = \"deny\"\nallow = [\"/usr/bin/x\"]\nanonymous = \"allow\"\n"
                              "libraries = [\"/usr/lib/**\"]\n[network]\ndefault = \"deny\"\n"
                              "[capability]\ndefault = \"deny\"\n")}));
    EXPECT_EQ(policy.description, "y");
    EXPECT_EQ(policy.mode, Mode::off);
    EXPECT_EQ(policy.on_unsupported, OnUnsupported::warn);
    EXPECT_EQ(policy.exec->default_.value, Permission::deny);
    EXPECT_EQ(policy.exec->anonymous->value, Permission::allow);
    EXPECT_EQ(policy.network->default_.value, Permission::deny);
    EXPECT_EQ(policy.capability->default_.value, Permission::deny);
}

TEST(Amendment, AppendsToLists) {
    const std::string rule = "[[file.rule]]\naccess = \"all\"\naction = \"deny\"\npath = ";
    const auto policy = only(merge(
        {source("a.toml", "units = [\"a.service\"]\nrelease-to = [\"b.scope\"]\n" + rule + "[\"/a\"]\n" +
                              "[exec]\ndeny = [\"/c\"]\n[network]\nfamilies = [\"inet\"]\n"
                              "connect.deny = [\"tcp:1\"]\nbind.deny = [\"tcp:2\"]\n"
                              "[capability]\ndeny = [\"chown\"]\n"),
         amendment("a.toml", "x.toml",
                   "units = [\"d.service\"]\nrelease-to = [\"e.scope\"]\n" + rule + "[\"/b\"]\n" +
                       "[exec]\ndeny = [\"/d\"]\n[network]\nfamilies = [\"unix\"]\n"
                       "connect.deny = [\"tcp:3\"]\nbind.deny = [\"tcp:4\"]\n"
                       "[capability]\ndeny = [\"setuid\"]\n")}));
    EXPECT_EQ(policy.units.size(), 2U);
    EXPECT_EQ(policy.release_to.size(), 2U);
    ASSERT_EQ(policy.file->rules.size(), 2U);
    EXPECT_EQ(policy.file->rules[1].path[0].text, "/b");
    EXPECT_EQ(policy.exec->deny.size(), 2U);
    EXPECT_EQ(policy.network->families->size(), 2U);
    EXPECT_EQ(policy.network->connect.deny.size(), 2U);
    EXPECT_EQ(policy.network->bind.deny.size(), 2U);
    ASSERT_EQ(policy.capability->deny.size(), 2U);
    EXPECT_EQ(policy.capability->deny[1].name, "setuid");
}

TEST(Amendment, KeepsThePlaceOfEachPart) {
    const auto policy =
        only(merge({source("a.toml", web), amendment("a.toml", "x.toml", "[exec]\ndeny = [\"/c\"]", 2)}));
    EXPECT_EQ(policy.at.file, "0/a.toml");
    EXPECT_EQ(policy.exec->anonymous->at.file, "0/a.toml");
    EXPECT_EQ(policy.exec->deny[0].at.file, "2/a.toml.d/x.toml");
    EXPECT_EQ(policy.exec->deny[0].at.line, 2U);
    EXPECT_EQ(policy.exec->deny[0].at.column, 9U);
}

TEST(Amendment, IsReadInTheOrderOfBasenamesAcrossDirectories) {
    const auto policy =
        only(merge({source("a.toml", web), amendment("a.toml", "2.toml", "description = \"second\"", 0),
                    amendment("a.toml", "1.toml", "description = \"first\"", 2)}));
    EXPECT_EQ(policy.description, "second");
}

TEST(Amendment, OfTheSameNameInAHigherDirectoryCoversTheLower) {
    auto sources = std::vector{source("a.toml", web), amendment("a.toml", "1.toml", "mode = \"audit\"", 0),
                               amendment("a.toml", "1.toml", "description = \"high\"", 2)};
    EXPECT_EQ(only(merge(sources)).mode, Mode::enforce);
    sources[2].text.clear();
    EXPECT_EQ(only(merge(sources)).mode, Mode::enforce);
    sources[2].text = "mode = \"audit\"";
    sources[2].masked = true;
    EXPECT_EQ(only(merge(sources)).mode, Mode::enforce);
}

TEST(Amendment, OfAPolicyThatIsNotThereIsAnError) {
    const auto merged = merge({source("b.toml", web), amendment("a.toml", "1.toml", "mode = \"audit\"")});
    EXPECT_EQ(rendered(merged),
              std::vector<std::string>{"0/a.toml.d/1.toml: error: there is no policy \"a.toml\" to amend"});
    EXPECT_EQ(merged.policies.size(), 1U);
}

TEST(Amendment, OfAMaskedPolicyIsMaskedWithIt) {
    const auto merged = merge({source("a.toml", web, 0), source("a.toml", "", 2),
                               amendment("a.toml", "1.toml", "this is not TOML", 2)});
    EXPECT_TRUE(merged.policies.empty());
    EXPECT_TRUE(merged.diagnostics.empty());
}

TEST(Amendment, WithAnErrorTakesItsPolicyAlong) {
    auto unreadable = amendment("a.toml", "1.toml", "");
    unreadable.fault = "cannot be read";
    EXPECT_TRUE(merge({source("a.toml", web), unreadable}).policies.empty());
    EXPECT_TRUE(merge({source("a.toml", web), amendment("a.toml", "1.toml", "mood = 1")}).policies.empty());
}

TEST(Amendment, MayTakeItsEffectFromWhatItAmends) {
    const std::string base =
        "units = [\"a.service\"]\n[network]\ndefault = \"deny\"\nbind.allow = [\"tcp:80\"]\n";
    for (const auto* text : {"[network]\ndefault = \"allow\"", "[network]\nbind.deny = [\"tcp:80\"]",
                             "[network]\nbind.allow = [\"tcp:80\"]", "units = [\"a.service\"]"}) {
        const auto merged = merge({source("a.toml", base), amendment("a.toml", "1.toml", text)});
        EXPECT_EQ(merged.policies.size(), 1U) << text << testing::PrintToString(rendered(merged));
    }
}

TEST(Amendment, MayDenyCapabilitiesThatAreAllowedOrDeniedAlready) {
    const std::string base =
        "units = [\"a.service\"]\n[capability]\ndefault = \"deny\"\nallow = [\"setuid\"]\n";
    for (const auto* text : {"[capability]\ndeny = [\"setuid\"]", "[capability]\ndeny = [\"chown\"]",
                             "[capability]\ndefault = \"allow\"", "[capability]\nallow = [\"setuid\"]",
                             "[capability]\ndeny = [\"chown\", \"setuid\"]"}) {
        const auto merged = merge({source("a.toml", base), amendment("a.toml", "1.toml", text)});
        EXPECT_EQ(merged.policies.size(), 1U) << text << testing::PrintToString(rendered(merged));
    }
}

TEST(Amendment, ThatCanHaveNoEffectItselfIsAnError) {
    const std::string base = "units = [\"a.service\"]\n[network]\nbind.deny = [\"tcp:80\"]\n";
    for (const auto* text : {"[network]\nbind.allow = [\"tcp:81\"]",
                             "[network]\ndefault = \"deny\"\nbind.allow = [\"tcp:80\", \"tcp:81\"]",
                             "[exec]\nallow = [\"/usr/bin/x\"]"}) {
        const auto merged = merge({source("a.toml", base), amendment("a.toml", "1.toml", text)});
        EXPECT_TRUE(merged.policies.empty()) << text;
        EXPECT_EQ(merged.diagnostics.size(), 1U) << text;
    }
}

std::vector<std::string> paths(const std::vector<const Source*>& parts) {
    std::vector<std::string> all;
    for (const Source* part : parts)
        all.push_back(part->path);
    return all;
}

TEST(Parts, AreThePolicyAndItsAmendmentsAsTheyAreRead) {
    const std::vector<Source> sources{amendment("a.toml", "b.toml", "", 2),
                                      amendment("a.toml", "c.toml", web, 0),
                                      amendment("a.toml", "a.toml", web, 1),
                                      amendment("a.toml", "c.toml", web, 2),
                                      source("a.toml", web, 0),
                                      source("a.toml", web, 1),
                                      source("b.toml", web, 2)};
    EXPECT_EQ(paths(parts_of(sources, "a.toml")),
              (std::vector<std::string>{sources[5].path, sources[2].path, sources[3].path}));
    EXPECT_TRUE(parts_of(sources, "c.toml").empty());
}

TEST(Parts, OfWhatIsMaskedAreNone) {
    EXPECT_TRUE(parts_of({source("a.toml", web, 0), source("a.toml", "", 1)}, "a.toml").empty());
    EXPECT_TRUE(parts_of({amendment("a.toml", "x.toml", web, 0)}, "a.toml").empty());
}

TEST(WithoutFaulty, WhatIsLeftMakesTheSame) {
    const std::vector<Source> sources{
        source("bad.toml", bad, 2),         source("bad.toml", web, 0),
        amendment("bad.toml", "x", web, 1), source("good.toml", web, 2),
        amendment("good.toml", "x", "", 1), source("masked.toml", "", 1),
        source("masked.toml", bad, 0),      amendment("nothing.toml", "x", web, 0)};
    const auto merged = merge(sources);
    const auto left = without_faulty(sources, merged);
    EXPECT_EQ(left, (std::vector{sources[3], sources[4], sources[5], sources[6]}));
    EXPECT_EQ(merge(left).policies, merged.policies);
    EXPECT_TRUE(merge(left).diagnostics.empty());
}

} // namespace
} // namespace enforced::policy
