// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/helpers.hpp"

#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>
#include <utility>
#include <vector>

namespace enforced::daemon {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

class DaemonHelpers : public testing::Test {
  protected:
    DaemonHelpers() : loop_(*Loop::create()), tick_(*loop_.timer([this] { tick(); })) { limit({}); }

    void limit(Helpers::Limits limits) {
        helpers_ = *Helpers::create(
            loop_, [this] { shed_ = true; }, limits);
    }

    /// Answers are put down as "NAME: TEXT" or "NAME! ERROR".
    Status start(const std::string& name, Helpers::Work work, std::uint32_t uid = 0) {
        open_++;
        auto started = helpers_->start(name, uid, std::move(work), [this, name](Result<std::string> result) {
            answers_.push_back(name + (result ? ": " + *result : "! " + result.error().message));
            open_--;
        });
        if (!started)
            open_--;
        return started;
    }

    /// Runs the loop until all is answered; once a test. `then` is called when it is, and may ask on.
    void run(std::function<void()> then = [] {}) {
        then_ = std::move(then);
        end_ = std::chrono::steady_clock::now() + 20s;
        tick_.set(1);
        ASSERT_TRUE(loop_.run());
    }

    void tick() {
        ticks_++;
        if (open_ == 0)
            std::exchange(then_, [] {})();
        if (open_ == 0 || std::chrono::steady_clock::now() > end_)
            loop_.stop();
        tick_.set(1000);
    }

    static Helpers::Work say(const std::string& text) {
        return [text] { return text; };
    }
    static Result<std::string> sleep_forever() {
        pause();
        return "";
    }

    Loop loop_;
    Loop::Timer tick_;
    std::unique_ptr<Helpers> helpers_;
    std::chrono::steady_clock::time_point end_;
    std::function<void()> then_;
    Texts answers_;
    int open_ = 0, ticks_ = 0;
    bool shed_ = false;
};

TEST_F(DaemonHelpers, AnAnswerOrAnErrorComesBack) {
    ASSERT_TRUE(start("a", say("hello")));
    ASSERT_TRUE(start("b", []() -> Result<std::string> { return failure("no such thing", ENOENT); }));
    run();
    std::ranges::sort(answers_);
    EXPECT_EQ(answers_, (Texts{"a: hello", "b! no such thing: No such file or directory"}));
}

TEST_F(DaemonHelpers, TheLoopGoesOnMeanwhile) {
    ASSERT_TRUE(start("a", [] {
        usleep(1'200'000);
        return "";
    }));
    run();
    EXPECT_GE(ticks_, 3) << "of 250 ms, systemd's accuracy";
}

TEST_F(DaemonHelpers, WhatAHelperDoesToItsMemoryIsItsOwn) {
    ASSERT_TRUE(start("a", [this] {
        const std::string before = shed_ ? "shed" : "not shed";
        ticks_ = -1;
        return before;
    }));
    run();
    EXPECT_EQ(answers_, Texts{"a: shed"});
    EXPECT_FALSE(shed_);
    EXPECT_GE(ticks_, 0);
}

TEST_F(DaemonHelpers, ALongAnswerIsWholeAndATooLongOneIsNone) {
    limit({.answer = 1'000'000});
    ASSERT_TRUE(start("a", say(std::string(900'000, 'x'))));
    ASSERT_TRUE(start("b", say(std::string(50'000'000, 'x'))));
    run();
    std::ranges::sort(answers_);
    ASSERT_EQ(answers_.size(), 2U);
    EXPECT_EQ(answers_[0], "a: " + std::string(900'000, 'x'));
    EXPECT_EQ(answers_[1], "b! the answer is too long; ask for less");
}

TEST_F(DaemonHelpers, IfOneDiesItDiesAlone) {
    ASSERT_TRUE(start("a", []() -> Result<std::string> {
        raise(SIGBUS);
        return "";
    }));
    ASSERT_TRUE(start("b", []() -> Result<std::string> { _exit(0); }));
    ASSERT_TRUE(start("c", []() -> Result<std::string> { throw std::runtime_error("oh"); }));
    ASSERT_TRUE(start("d", say("well")));
    run();
    std::ranges::sort(answers_);
    EXPECT_EQ(answers_, (Texts{"a! a helper process was ended by signal 7 (Bus error)",
                               "b! a helper process did not come to its end",
                               "c! a helper process failed: oh", "d: well"}));
}

TEST_F(DaemonHelpers, MemoryIsBounded) {
    limit({.memory = 200'000'000});
    ASSERT_TRUE(start("a", [] { return std::to_string(std::string(400'000'000, 'x').size()); }));
    run();
    EXPECT_EQ(answers_, Texts{"a! a helper process failed: std::bad_alloc"});
}

TEST_F(DaemonHelpers, WhatTakesTooLongIsEnded) {
    limit({.running = 1, .patience = 300ms});
    ASSERT_TRUE(start("a", sleep_forever));
    ASSERT_TRUE(start("b", say("waited"))); // there is no time left for it
    run([this] { EXPECT_TRUE(start("c", say("again"))); });
    const std::string late =
        "! it takes too long; ask for less, or for what is not so long ago: Connection timed out";
    EXPECT_EQ(answers_, (Texts{"a" + late, "b" + late, "c: again"}));
}

TEST_F(DaemonHelpers, WhoLeavesIsForgotten) {
    limit({.running = 1});
    ASSERT_TRUE(start("a", sleep_forever));
    ASSERT_TRUE(start("a", say("never")));
    ASSERT_TRUE(start("b", say("soon")));
    helpers_->forget("a");
    open_ -= 2;
    run();
    EXPECT_EQ(answers_, Texts{"b: soon"});
}

TEST_F(DaemonHelpers, OneUserAsksForSoMuchAtATimeAndNoMore) {
    limit({.running = 1, .each = 2, .all = 3});
    ASSERT_TRUE(start("a", say("1"), 1000));
    ASSERT_TRUE(start("a", say("2"), 1000));
    const auto third = start("other name, same user", say("3"), 1000);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, EDQUOT);
    ASSERT_TRUE(start("b", say("1"), 1001));
    const auto fourth = start("c", say("1"), 1002);
    ASSERT_FALSE(fourth);
    EXPECT_EQ(fourth.error().code, EBUSY);
    run([this] { EXPECT_TRUE(start("a", say("3"), 1000)); });
    EXPECT_EQ(answers_.size(), 4U);
}

TEST_F(DaemonHelpers, NobodyWaitsForAllThatAnotherAsked) {
    limit({.running = 2});
    for (int i = 0; i < 4; i++)
        ASSERT_TRUE(start(
            "a",
            [] {
                usleep(50'000);
                return "";
            },
            1000));
    ASSERT_TRUE(start("b", say("before"), 1001));
    run();
    const auto found = std::ranges::find(answers_, "b: before");
    EXPECT_LE(found - answers_.begin(), 2) << "begun as soon as one of the two that ran was done";
}

TEST_F(DaemonHelpers, AHelperHoldsNothing) {
    ASSERT_TRUE(start("a", []() -> Result<std::string> {
        std::string text;
        DIR* directory = opendir("/proc/self/fd");
        while (const dirent* entry = directory ? readdir(directory) : nullptr) {
            const int fd = std::atoi(entry->d_name);
            if (fd > 2 && fd != dirfd(directory))
                text += text.empty() ? "one" : ", one more";
        }
        std::ifstream status("/proc/self/status");
        for (std::string line; std::getline(status, line);)
            if (line.starts_with("CapEff") || line.starts_with("CapPrm") || line.starts_with("SigBlk"))
                text += "; " + line.substr(line.find('\t') + 1);
        return text;
    }));
    run();
    EXPECT_EQ(answers_, Texts{"a: one; 0000000000000000; 0000000000000000; 0000000000000000"});
}

TEST_F(DaemonHelpers, NoneIsLeftWhenTheyAreGone) {
    ASSERT_TRUE(start("a", sleep_forever));
    helpers_.reset();
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "no child is left";
}

} // namespace
} // namespace enforced::daemon
