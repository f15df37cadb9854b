// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/control.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <thread>

#include "support/tree.hpp"

namespace enforced::daemon {
namespace {

class Asking : public testing::Test {
  protected:
    void SetUp() override {
        if (getuid())
            GTEST_SKIP() << "only root is answered";
        auto control = Control::listen(path());
        ASSERT_TRUE(control) << control.error().message;
        control_.emplace(std::move(*control));
    }

    std::string path() { return tree_.path("run/control"); }

    Result<Answer> ask(const Answer& answer) {
        std::thread server([&] {
            pollfd ready = {control_->fd(), POLLIN, 0};
            poll(&ready, 1, 5000);
            control_->serve([&](std::uint32_t) { return governed_; }, [&] { return answer; });
        });
        auto got = ask_for_reload(path());
        server.join();
        return got;
    }

    bool governed_ = false;
    test::Tree tree_;
    std::optional<Control> control_;
};

TEST_F(Asking, GetsTheAnswer) {
    const auto answer = ask({true, "1 policy in force for 2 units\n"});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(answer->done);
    EXPECT_EQ(answer->text, "1 policy in force for 2 units\n");
}

TEST_F(Asking, GetsTheRefusal) {
    const auto answer = ask({false, "a.toml:1:1: error: what?\n"});
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->done);
    EXPECT_EQ(answer->text, "a.toml:1:1: error: what?\n");
}

TEST_F(Asking, GetsTheBeginningOfALongAnswer) {
    const auto answer = ask({false, std::string(1 << 20, 'x')});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_FALSE(answer->done);
    EXPECT_GT(answer->text.size(), 100'000u);
}

TEST_F(Asking, OnlyRootMayOpenTheSocket) {
    struct stat status = {};
    ASSERT_EQ(stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(Asking, SomebodyElseIsNotAnswered) {
    chmod(path().c_str(), 0666);
    chmod(tree_.path().c_str(), 0755);
    bool served = false;
    const pid_t child = fork();
    if (!child) {
        if (setuid(65534) < 0)
            _exit(2);
        _exit(ask_for_reload(path()) ? 1 : 0);
    }
    pollfd ready = {control_->fd(), POLLIN, 0};
    poll(&ready, 1, 5000);
    control_->serve([](std::uint32_t) { return false; },
                    [&] {
                        served = true;
                        return Answer{true, ""};
                    });
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_FALSE(served);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(Asking, AGovernedProcessIsTurnedAway) {
    governed_ = true;
    const auto answer = ask({true, "all in force\n"});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_FALSE(answer->done);
    EXPECT_NE(answer->text.find("governed units"), std::string::npos);
}

TEST_F(Asking, SaysThatNobodyListens) {
    control_.reset();
    const auto answer = ask_for_reload(path());
    ASSERT_FALSE(answer);
    EXPECT_NE(answer.error().message.find("systemctl status enforced"), std::string::npos);
}

TEST_F(Asking, TakesThePlaceOfASocketThatWasLeftBehind) {
    control_.reset();
    EXPECT_TRUE(Control::listen(path()));
}

TEST(Control, SaysWhyItCannotListen) {
    const auto control = Control::listen("/proc/nowhere/control");
    ASSERT_FALSE(control);
    EXPECT_NE(control.error().message.find("/proc/nowhere"), std::string::npos);
}

} // namespace
} // namespace enforced::daemon
