// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "support/enforcectl.hpp"

namespace enforced::ctl {
namespace {

constexpr const char* good = "units = [\"a.service\"]\n[exec]\nanonymous = \"deny\"\n";

class CatConfig : public test::Enforcectl {
  protected:
    test::Outcome cat(std::vector<std::string> arguments = {}) {
        arguments.insert(arguments.begin(), {"cat-config", "--root", tree_.path()});
        return run(std::move(arguments));
    }

    /// The path of a file in the directory that packages, the running system or the administrator have.
    std::string file(const std::string& layer, const std::string& name, const std::string& text) {
        return tree_.file(layer + "/enforced/policy.d/" + name, text);
    }
};

TEST_F(CatConfig, ShowsTheFilesOfAPolicyInTheOrderInWhichTheyCount) {
    const auto second = file("etc", "a.toml.d/60-more.toml", "mode = \"audit\"\n"),
               first = file("usr/lib", "a.toml.d/50-some.toml", "description = \"x\""),
               base = file("usr/lib", "a.toml", good), other = file("run", "b.toml", good);
    const auto outcome = cat();
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.output, "# " + base + "\n" + good + "\n# " + first + "\ndescription = \"x\"\n\n# " +
                                  second + "\nmode = \"audit\"\n\n# " + other + "\n" + good);
    EXPECT_TRUE(outcome.errors.empty());
}

TEST_F(CatConfig, SaysWhichFilesDoNotCount) {
    const auto vendor = file("usr/lib", "a.toml", good), local = file("etc", "a.toml", good),
               mask = file("etc", "b.toml", "");
    EXPECT_EQ(cat().output, "# " + local + "\n" + good + "\n# " + vendor +
                                " (does not count: a higher directory has one of its name)\n\n# " + mask +
                                " (masks those of its name below it)\n");
}

TEST_F(CatConfig, ShowsOnlyWhatWasAskedFor) {
    file("etc", "a.toml", good);
    const auto wanted = file("etc", "b.toml", good);
    EXPECT_EQ(cat({"b"}).output, "# " + wanted + "\n" + good);
    const auto outcome = cat({"c"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.output, "");
    ASSERT_FALSE(outcome.errors.empty());
    EXPECT_EQ(outcome.errors[0], "enforcectl: there is no file of a policy \"c\"");
}

TEST_F(CatConfig, SaysWhyAFileCannotBeRead) {
    const auto path = file("etc", "a.toml", good);
    std::filesystem::permissions(path, std::filesystem::perms(0666));
    const auto outcome = cat();
    EXPECT_NE(outcome.output.find("# can be written by others than its owner"), std::string::npos)
        << outcome.output;
}

TEST_F(CatConfig, AnswersInJson) {
    const auto vendor = file("usr/lib", "a.toml", good), local = file("etc", "a.toml", good);
    const auto document = nlohmann::json::parse(cat({"--json=short"}).output);
    ASSERT_EQ(document.size(), 1U);
    EXPECT_EQ(document[0]["policy"], "a");
    EXPECT_EQ(document[0]["files"][0]["file"], local);
    EXPECT_EQ(document[0]["files"][0]["text"], good);
    EXPECT_EQ(document[0]["overruled"][0], vendor);
}

TEST_F(CatConfig, CheckLooksAtTheSameSystem) {
    const auto path = file("etc", "a.toml", "units = [\"a\"]\n");
    const auto outcome = run({"check", "--root", tree_.path()});
    EXPECT_EQ(outcome.status, 1);
    ASSERT_EQ(outcome.errors.size(), 1U);
    EXPECT_TRUE(outcome.errors[0].starts_with(path + ":1:11: error: "));
}

TEST_F(CatConfig, ARootThatIsNotThereIsAnError) {
    const auto outcome = run({"cat-config", "--root", tree_.path("missing")});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.errors,
              std::vector{tree_.path("missing") + ": error: cannot be looked at: No such file or directory"});
}

} // namespace
} // namespace enforced::ctl
