// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/policy_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "host/atomic_file.hpp"

namespace enforced::host {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
  protected:
    Files() {
        std::string name = fs::temp_directory_path() / "enforced-XXXXXX";
        top_ = mkdtemp(name.data());
    }
    ~Files() override { fs::remove_all(top_); }

    [[nodiscard]] std::string path(const std::string& name) const { return top_ + "/" + name; }

    void expect_round(const PolicyFile& file) {
        const auto done = put(file);
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(*look_at(file.path), file);
    }

    std::string top_;
};

TEST_F(Files, AreWhatTheyWereMade) {
    const mode_t before = umask(0077);
    expect_round({path("policy.d/a.toml"), "text", false});
    expect_round({path("policy.d/a.toml"), "other", false});
    expect_round({path("policy.d/a.toml"), {}, true});
    expect_round({path("policy.d/a.toml"), "", false});
    expect_round({path("policy.d/a.toml"), {}, false});
    expect_round({path("policy.d/a.toml"), {}, false});
    umask(before);
    struct stat status = {};
    ASSERT_EQ(stat(path("policy.d").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0755u);
    EXPECT_TRUE(fs::is_empty(path("policy.d")));
}

TEST_F(Files, AreTheirOwners) {
    ASSERT_TRUE(put({path("a.toml"), "text", false}));
    struct stat status = {};
    ASSERT_EQ(stat(path("a.toml").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(Files, OfAmendmentsTakeTheirFolderWithThem) {
    ASSERT_TRUE(put({path("a.toml.d/x.toml"), "text", false}));
    ASSERT_TRUE(put({path("a.toml.d/y.toml"), "text", false}));
    ASSERT_TRUE(put({path("a.toml.d/x.toml"), {}, false}));
    EXPECT_TRUE(fs::exists(path("a.toml.d/y.toml")));
    ASSERT_TRUE(put({path("a.toml.d/y.toml"), {}, false}));
    EXPECT_FALSE(fs::exists(path("a.toml.d")));
}

TEST_F(Files, ThatAreNoneAreErrors) {
    fs::create_symlink("/etc/passwd", path("link.toml"));
    EXPECT_FALSE(look_at(path("link.toml")));
    fs::create_directory(path("folder.toml"));
    EXPECT_FALSE(look_at(path("folder.toml")));
    ASSERT_EQ(mkfifo(path("pipe.toml").c_str(), 0600), 0);
    EXPECT_FALSE(look_at(path("pipe.toml")));
    EXPECT_FALSE(put({path("folder.toml"), "text", false}));
    EXPECT_TRUE(fs::is_directory(path("folder.toml")));
}

TEST_F(Files, OfOneWhoDiedOnTheWayAreReplaced) {
    std::ofstream(path(".a.toml.new")) << "half";
    ASSERT_TRUE(put({path("a.toml"), "whole", false}));
    EXPECT_FALSE(fs::exists(path(".a.toml.new")));
    // A link in the place of the temporary file is not followed.
    fs::create_symlink(path("victim"), path(".a.toml.new"));
    ASSERT_TRUE(put({path("a.toml"), "again", false}));
    EXPECT_FALSE(fs::exists(path("victim")));
}

TEST_F(Files, ThatAreTooLargeAreErrors) {
    std::ofstream(path("large")) << std::string(11, 'x');
    EXPECT_FALSE(read_text(path("large"), 10));
    EXPECT_TRUE(read_text(path("large"), 11));
    EXPECT_EQ(*read_text(path("nothing"), 10), std::nullopt);
}

} // namespace
} // namespace enforced::host
