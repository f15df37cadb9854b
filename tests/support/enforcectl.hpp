// SPDX-License-Identifier: GPL-2.0-or-later
/// The real enforcectl, as it was built.
#pragma once

#include <gtest/gtest.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>
#include <string>
#include <vector>

#include "support/corpus.hpp"
#include "support/tree.hpp"

namespace enforced::test {

struct Outcome {
    int status = -1; // of exit; -1 if it ended otherwise
    std::string output;
    std::vector<std::string> errors; // lines
};

class Enforcectl : public testing::Test {
  protected:
    /// Without a terminal, and without a bus.
    Outcome run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), ENFORCECTL);
        std::vector<char*> argv;
        for (auto& argument : arguments)
            argv.push_back(argument.data());
        argv.push_back(nullptr);
        const auto out = tree_.path("stdout"), err = tree_.path("stderr");
        std::string bus = "DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + tree_.path("no-bus");
        std::string locale = "LC_ALL=C.UTF-8", path = "PATH=/usr/bin:/bin";
        char* const environment[] = {bus.data(), locale.data(), path.data(), nullptr};
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
        posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
        pid_t pid = 0;
        int status = 0;
        EXPECT_EQ(posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environment), 0);
        EXPECT_EQ(waitpid(pid, &status, 0), pid);
        posix_spawn_file_actions_destroy(&actions);
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(out), lines_of(read_text(err))};
    }

    static std::vector<std::string> lines_of(const std::string& text) {
        std::vector<std::string> lines;
        std::istringstream stream(text);
        for (std::string line; std::getline(stream, line);)
            lines.push_back(line);
        return lines;
    }

    Tree tree_;
};

} // namespace enforced::test
