// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/runtime.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "bus/names.hpp"

namespace enforced::daemon {
namespace {

using bus::Change;
using bus::Verb;
using policy::Source;
using Sources = std::vector<Source>;

constexpr const char* directories[] = {"/usr/lib/enforced/policy.d", "/run/enforced/policy.d",
                                       "/etc/enforced/policy.d"};

Source file(unsigned rank, const std::string& name, const std::string& text, const std::string& amends = {}) {
    Source source;
    source.rank = rank;
    source.basename = name;
    source.amends = amends;
    source.path = std::string(directories[rank]) + "/" + (amends.empty() ? "" : amends + ".d/") + name;
    source.text = text;
    return source;
}

Edit edit_or_fail(const Sources& sources, const Change& change) {
    auto edited = edit(sources, change);
    EXPECT_TRUE(edited) << edited.error().message;
    return edited.value_or(Edit{});
}

std::string fault(const Sources& sources, const Change& change) {
    const auto edited = edit(sources, change);
    return edited ? "none" : edited.error().name;
}

TEST(Load, WritesAFileAndNothingElse) {
    const Sources others{file(2, "other.toml", "o")};
    const Edit edited = edit_or_fail(others, {Verb::load, "a", "text", {}});
    EXPECT_EQ(edited.files,
              (std::vector<host::PolicyFile>{{"/run/enforced/policy.d/a.toml", "text", false}}));
    EXPECT_EQ(edited.absent, std::vector<std::string>{"/etc/enforced/policy.d/a.toml"});
    EXPECT_EQ(edited.sources, (Sources{others[0], file(1, "a.toml", "text")}));
}

TEST(Load, TakesThePlaceOfLowerLayersAndNotOfHigherOnes) {
    EXPECT_EQ(edit_or_fail({file(1, "a.toml", "old")}, {Verb::load, "a", "new", {}}).sources,
              Sources{file(1, "a.toml", "new")});
    EXPECT_EQ(edit_or_fail({file(0, "a.toml", "old")}, {Verb::load, "a", "new", {}}).sources.size(), 2u);
    EXPECT_EQ(fault({file(2, "a.toml", "local")}, {Verb::load, "a", "new", {}}), bus::error::shadowed);
    EXPECT_EQ(fault({file(2, "a.toml", "")}, {Verb::load, "a", "new", {}}), bus::error::shadowed); // masked
    EXPECT_EQ(fault({}, {Verb::load, "a", "", {}}), bus::error::bad_policy);
}

TEST(Unload, RemovesTheFileAndItsMode) {
    const Edit edited = edit_or_fail({file(1, "a.toml", "t"), file(1, "zz-runtime-mode.toml", "m", "a.toml")},
                                     {Verb::unload, "a", {}, {}});
    EXPECT_TRUE(edited.sources.empty());
    EXPECT_EQ(edited.files, (std::vector<host::PolicyFile>{
                                {"/run/enforced/policy.d/a.toml.d/zz-runtime-mode.toml", {}, false},
                                {"/run/enforced/policy.d/a.toml", {}, false}}));
}

TEST(Unload, MasksWhatIsLeft) {
    for (const Source& left : {file(0, "a.toml", "vendor"), file(2, "x.toml", "more", "a.toml")}) {
        const Edit edited = edit_or_fail({file(1, "a.toml", "t"), left}, {Verb::unload, "a", {}, {}});
        EXPECT_EQ(edited.sources, (Sources{left, file(1, "a.toml", "")}));
        EXPECT_TRUE(policy::parts_of(edited.sources, "a.toml").empty());
    }
}

TEST(Unload, IsRefusedOfWhatIsNotThere) {
    EXPECT_EQ(fault({}, {Verb::unload, "a", {}, {}}), bus::error::no_such_policy);
    EXPECT_EQ(fault({file(0, "a.toml", "v"), file(1, "a.toml", "")}, {Verb::unload, "a", {}, {}}),
              bus::error::no_such_policy);
    EXPECT_EQ(fault({file(2, "a.toml", "local")}, {Verb::unload, "a", {}, {}}), bus::error::shadowed);
}

TEST(Mode, IsAnAmendment) {
    const Sources local{file(2, "a.toml", "local")};
    const Edit audit = edit_or_fail(local, {Verb::mode, "a", {}, "audit"});
    EXPECT_EQ(audit.sources.back(), file(1, "zz-runtime-mode.toml", "mode = \"audit\"\n", "a.toml"));
    EXPECT_EQ(runtime_mode(audit.sources, "a"), "audit");
    EXPECT_EQ(runtime_mode(audit.sources, "b"), "");
    EXPECT_EQ(edit_or_fail(audit.sources, {Verb::mode, "a", {}, "off"}).sources.size(), 2u);
    EXPECT_EQ(edit_or_fail(audit.sources, {Verb::mode, "a", {}, ""}).sources, local);
    EXPECT_TRUE(edit_or_fail(local, {Verb::mode, "a", {}, ""}).files.empty());
    EXPECT_EQ(fault(local, {Verb::mode, "b", {}, "audit"}), bus::error::no_such_policy);
}

TEST(Permanent, IsAllThatTheRuntimeLayerHas) {
    const Edit edited = edit_or_fail(
        {file(0, "a.toml", "vendor"), file(1, "a.toml", "t"), file(1, "50-more.toml", "o", "a.toml"),
         file(1, "zz-runtime-mode.toml", "m", "a.toml"), file(1, "b.toml", "other")},
        {Verb::make_permanent, "a", {}, {}});
    EXPECT_EQ(edited.sources,
              (Sources{file(0, "a.toml", "vendor"), file(1, "b.toml", "other"), file(2, "a.toml", "t"),
                       file(2, "50-more.toml", "o", "a.toml"), file(2, "zz-mode.toml", "m", "a.toml")}));
    ASSERT_EQ(edited.files.size(), 6u);
    // What is written comes before what is removed: nothing is lost on the way.
    for (std::size_t i = 0; i < 6; i++)
        EXPECT_EQ(edited.files[i].text.has_value(), i < 3) << i;
}

TEST(Permanent, ReplacesTheModeThatWasBeforeAndNothingElse) {
    const Source local = file(2, "a.toml", "local"), mode = file(1, "zz-runtime-mode.toml", "new", "a.toml");
    EXPECT_EQ(edit_or_fail({local, file(2, "zz-mode.toml", "old", "a.toml"), mode},
                           {Verb::make_permanent, "a", {}, {}})
                  .sources,
              (Sources{local, file(2, "zz-mode.toml", "new", "a.toml")}));
    EXPECT_EQ(fault({local}, {Verb::make_permanent, "a", {}, {}}), bus::error::not_runtime);
    EXPECT_EQ(fault({file(1, "x.toml", "r", "a.toml"), file(2, "x.toml", "l", "a.toml"), local},
                    {Verb::make_permanent, "a", {}, {}}),
              bus::error::shadowed);
}

TEST(Check, SeesTheTextInThePlaceOfAllOthersOfItsName) {
    const Source amendment = file(2, "x.toml", "more", "a.toml");
    const Sources related =
        sources_to_check({file(2, "a.toml", "local"), amendment, file(2, "b.toml", "other")}, "a", "text");
    ASSERT_EQ(related.size(), 2u);
    EXPECT_EQ(related[0], amendment);
    EXPECT_EQ(related[1].path, "a.toml");
    EXPECT_EQ(related[1].text, "text");
}

} // namespace
} // namespace enforced::daemon
