// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/output/pager.hpp"

#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <systemd/sd-login.h>

namespace enforced::ctl {
namespace {

std::optional<bool> setting(const char* text) {
    const std::string_view word(text ? text : "");
    if (word == "1" || word == "yes" || word == "true" || word == "on")
        return true;
    if (word == "0" || word == "no" || word == "false" || word == "off")
        return false;
    return {};
}

/// Whether we are somebody else than who is logged in: sudo, pkexec, su.
bool is_elevated() {
    if (const auto secure = setting(std::getenv("SYSTEMD_PAGERSECURE")))
        return *secure;
    uid_t owner = 0;
    if (sd_pid_get_owner_uid(0, &owner) < 0)
        return geteuid() == 0 && std::getenv("SUDO_UID");
    return owner != geteuid();
}

[[noreturn]] void become_pager(const std::vector<std::string>& commands,
                               const std::vector<std::string>& variables) {
    for (const auto& each : variables) {
        const auto equals = each.find('=');
        setenv(each.substr(0, equals).c_str(), each.substr(equals + 1).c_str(), 1);
    }
    for (const auto& command : commands) {
        if (command == "less" || command == "more")
            execlp(command.c_str(), command.c_str(), nullptr);
        else // it may have arguments
            execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
    }
    // Nothing that could page: what is said is to be seen all the same.
    std::array<char, 4096> buffer;
    for (ssize_t size; (size = read(STDIN_FILENO, buffer.data(), buffer.size())) > 0;) {
        if (write(STDOUT_FILENO, buffer.data(), static_cast<std::size_t>(size)) < 0)
            break;
    }
    _exit(EXIT_SUCCESS);
}

} // namespace

std::vector<std::string> pager_commands(const Environment& environment, bool elevated) {
    const char* term = environment("TERM");
    if (!term || !*term || std::string_view(term) == "dumb")
        return {};
    const char* wanted = environment("SYSTEMD_PAGER");
    if (!wanted)
        wanted = environment("PAGER");
    if (wanted && (!*wanted || std::string_view(wanted) == "cat"))
        return {};
    if (elevated)
        return {"less"};
    std::vector<std::string> commands;
    if (wanted)
        commands.emplace_back(wanted);
    commands.insert(commands.end(), {"less", "more"});
    return commands;
}

std::vector<std::string> pager_variables(const Environment& environment, bool elevated, bool utf8) {
    std::vector<std::string> variables;
    const char* less = environment("SYSTEMD_LESS");
    variables.push_back(std::string("LESS=") + (less ? less : "FRSXMK"));
    const char* charset = environment("SYSTEMD_LESSCHARSET");
    if (charset || utf8)
        variables.push_back(std::string("LESSCHARSET=") + (charset ? charset : "utf-8"));
    if (elevated) {
        variables.emplace_back("LESSSECURE=1");
        variables.emplace_back("LESSOPEN=");
    }
    return variables;
}

Pager::Pager(const Options& options) {
    if (!options.pager || !options.terminal.is_one)
        return;
    const bool elevated = is_elevated();
    const auto commands = pager_commands(std::getenv, elevated);
    int ends[2];
    if (commands.empty() || pipe2(ends, O_CLOEXEC) < 0)
        return;
    std::fflush(stdout);
    const pid_t parent = getpid();
    child_ = fork();
    if (child_ == 0) {
        dup2(ends[0], STDIN_FILENO);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(EXIT_SUCCESS);
        become_pager(commands, pager_variables(std::getenv, elevated, options.terminal.utf8));
    }
    close(ends[0]);
    if (child_ > 0) {
        terminal_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        dup2(ends[1], STDOUT_FILENO);
        // Who quits the pager has read enough, which is no error.
        std::signal(SIGPIPE, SIG_IGN);
    }
    close(ends[1]);
}

Pager::~Pager() {
    if (child_ <= 0)
        return;
    std::fflush(stdout);
    dup2(terminal_, STDOUT_FILENO);
    close(terminal_);
    // Interrupting ends the pager; we are only waiting for it.
    std::signal(SIGINT, SIG_IGN);
    waitpid(child_, nullptr, 0);
}

} // namespace enforced::ctl
