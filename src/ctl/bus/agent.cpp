// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/agent.hpp"

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "base/fd.hpp"

namespace enforced::ctl {
namespace {

constexpr int patience = 10'000; // ms

[[noreturn]] void become_agent(int notify) {
    const std::string number = std::to_string(notify);
    // Output of ours may go elsewhere; the question is for the terminal.
    const int terminal = open("/dev/tty", O_RDWR);
    if (terminal < 0)
        _exit(EXIT_FAILURE);
    dup2(terminal, STDOUT_FILENO);
    dup2(terminal, STDERR_FILENO);
    fcntl(notify, F_SETFD, 0);
    execlp("pkttyagent", "pkttyagent", "--notify-fd", number.c_str(), "--fallback", nullptr);
    _exit(EXIT_FAILURE);
}

} // namespace

Agent::Agent(bool wanted) {
    if (!wanted || geteuid() == 0 || !isatty(STDIN_FILENO))
        return;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return;
    const Fd registered(ends[0]);
    Fd notify(ends[1]);
    const pid_t parent = getpid();
    child_ = fork();
    if (child_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(EXIT_FAILURE);
        become_agent(notify.get());
    }
    notify.reset();
    if (child_ > 0) { // closed when polkit knows of the agent, or when there is none
        pollfd closed = {registered.get(), POLLIN, 0};
        (void)poll(&closed, 1, patience);
    }
}

Agent::~Agent() {
    if (child_ <= 0)
        return;
    // It sets the terminal right before it ends.
    kill(child_, SIGTERM);
    kill(child_, SIGCONT);
    waitpid(child_, nullptr, 0);
}

} // namespace enforced::ctl
