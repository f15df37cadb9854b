// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/helpers.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <map>

#include <fmt/format.h>

#include "base/packing.hpp"

namespace enforced::daemon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int politeness = 5; // a nice value: who asks for the past does not hold up the present

std::string pack(const Result<std::string>& result) {
    Packer packer;
    packer(result.has_value())(result ? 0 : result.error().code)(result ? *result : result.error().message);
    return std::move(packer).text();
}

Result<std::string> unpack(const std::string& text) {
    bool good = false;
    int code = 0;
    std::string value;
    Unpacker unpacker(text);
    unpacker(good)(code)(value);
    if (!unpacker.finished())
        return std::unexpected(Error{"a helper process did not come to its end", EPROTO});
    if (good)
        return value;
    return std::unexpected(Error{std::move(value), code});
}

Status drop_capabilities() {
    __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    if (syscall(SYS_capset, &header, none) < 0)
        return failure("drop the capabilities of a helper process", errno);
    return {};
}

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return; // nobody reads it
        text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

Result<std::string> try_work(const Helpers::Work& work) {
    try {
        return work();
    } catch (const std::exception& error) { // such as std::bad_alloc
        return failure(fmt::format("a helper process failed: {}", error.what()));
    }
}

} // namespace

Result<std::unique_ptr<Helpers>> Helpers::create(Loop& loop, std::function<void()> shed, Limits limits) {
    std::unique_ptr<Helpers> helpers(new Helpers(loop, std::move(shed), limits));
    auto timer = loop.timer([self = helpers.get()] { self->expire(); });
    if (!timer)
        return std::unexpected(timer.error());
    helpers->timer_.emplace(*timer);
    return helpers;
}

Helpers::~Helpers() {
    for (Job& job : jobs_) {
        kill(job);
        if (job.pid)
            waitpid(job.pid, nullptr, 0);
    }
}

Status Helpers::start(std::string owner, std::uint32_t uid, Work work, Done done) {
    const auto own = std::ranges::count(jobs_, uid, &Job::uid);
    if (static_cast<std::size_t>(own) >= limits_.each)
        return failure("too many questions of this user are not answered yet; wait for the answers", EDQUOT);
    if (jobs_.size() >= limits_.all)
        return failure("too many questions are not answered yet; try again in a moment", EBUSY);
    Job& job = jobs_.emplace_back();
    job.owner = std::move(owner);
    job.uid = uid;
    job.work = std::move(work);
    job.done = std::move(done);
    job.deadline = Clock::now() + limits_.patience;
    begin_more();
    return {};
}

void Helpers::forget(const std::string& owner) {
    std::erase_if(jobs_, [&](const Job& job) { return job.owner == owner && !job.pid; });
    for (Job& job : jobs_) {
        if (job.owner != owner)
            continue;
        job.done = nullptr;
        kill(job); // and it goes when it has ended
    }
}

void Helpers::forget_all() {
    while (!jobs_.empty()) {
        const auto wanted = std::ranges::find_if(jobs_, [](const Job& job) { return job.done != nullptr; });
        if (wanted == jobs_.end())
            break;
        forget(std::string(wanted->owner));
    }
}

/// Those come first of whose user fewest run; of them, who came first.
void Helpers::begin_more() {
    for (;;) {
        std::map<std::uint32_t, std::size_t> running;
        std::size_t all = 0;
        for (const Job& job : jobs_) {
            running[job.uid] += job.pid ? 1 : 0;
            all += job.pid ? 1 : 0;
        }
        auto next = jobs_.end();
        for (auto job = jobs_.begin(); job != jobs_.end(); ++job)
            if (!job->pid && (next == jobs_.end() || running[job->uid] < running[next->uid]))
                next = job;
        if (next == jobs_.end() || all >= limits_.running)
            break;
        if (auto begun = begin(next); !begun) {
            Job failed = std::move(*next);
            jobs_.erase(next);
            conclude(failed, std::unexpected(begun.error()));
        }
    }
    set_timer();
}

Status Helpers::begin(Jobs::iterator job) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return failure("make a pipe", errno);
    job->pipe.reset(ends[0]);
    const Fd other(ends[1]);
    const pid_t pid = fork();
    if (pid < 0)
        return failure("fork a helper process", errno);
    if (!pid)
        help(*job, other.get());
    job->pid = pid;
    job->process.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    auto end = loop_.watch(job->process.get(), EPOLLIN, [this, job] { ended(job); });
    auto answer = loop_.watch(job->pipe.get(), EPOLLIN, [this, job] { read(*job); });
    if (!end || !answer) {
        ::kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
        return failure("watch a helper process");
    }
    job->end.emplace(std::move(*end));
    job->answer.emplace(std::move(*answer));
    return {};
}

/// In the helper. What it has of the daemon's is memory, and that is its own.
void Helpers::help(const Job& job, int pipe) {
    sigset_t none;
    const auto number = static_cast<unsigned>(pipe);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
#ifndef __SANITIZE_ADDRESS__ // whose own memory counts as well, and is more than any limit
    const rlimit memory = {limits_.memory, limits_.memory};
    setrlimit(RLIMIT_DATA, &memory);
#endif
    setpriority(PRIO_PROCESS, 0, politeness);
    shed_();
    fcntl(pipe, F_SETFL, 0);
    if (number > 3)
        close_range(3, number - 1, 0);
    close_range(number + 1, ~0U, 0);
    if (auto dropped = drop_capabilities(); !dropped)
        write_all(pipe, pack(std::unexpected(dropped.error())));
    else
        write_all(pipe, pack(try_work(job.work)));
    close(pipe); // the answer need not wait for the end
    _exit(0);
}

void Helpers::read(Job& job) {
    char buffer[65536];
    ssize_t size = 0;
    while ((size = ::read(job.pipe.get(), buffer, sizeof(buffer))) > 0) {
        job.text.append(buffer, static_cast<std::size_t>(size));
        if (job.text.size() <= limits_.answer)
            continue;
        job.text.clear();
        conclude(job, failure("the answer is too long; ask for less"));
        kill(job);
        size = 0;
        break;
    }
    if (size != 0)
        return;
    job.answer.reset();
    if (auto result = unpack(job.text); result || result.error().code != EPROTO)
        conclude(job, std::move(result)); // it is all there
}

void Helpers::ended(Jobs::iterator job) {
    int status = 0;
    if (waitpid(job->pid, &status, WNOHANG) == 0)
        return;
    read(*job);
    Job finished = std::move(*job);
    jobs_.erase(job);
    auto result = unpack(finished.text);
    if (WIFSIGNALED(status))
        result = failure(fmt::format("a helper process was ended by signal {} ({})", WTERMSIG(status),
                                     strsignal(WTERMSIG(status))));
    conclude(finished, std::move(result));
    begin_more();
}

void Helpers::conclude(Job& job, Result<std::string> result) {
    if (const Done done = std::exchange(job.done, nullptr))
        done(std::move(result));
}

void Helpers::kill(Job& job) {
    job.answer.reset();
    if (job.pid)
        ::kill(job.pid, SIGKILL);
}

void Helpers::expire() {
    const auto now = Clock::now();
    std::list<Done> late;
    for (auto job = jobs_.begin(); job != jobs_.end();) {
        const auto next = std::next(job);
        if (job->deadline <= now) {
            if (job->done)
                late.push_back(std::exchange(job->done, nullptr));
            kill(*job);
            if (!job->pid)
                jobs_.erase(job);
        }
        job = next;
    }
    for (const Done& done : late)
        done(failure("it takes too long; ask for less, or for what is not so long ago", ETIMEDOUT));
    begin_more();
}

void Helpers::set_timer() {
    std::optional<Clock::time_point> first;
    for (const Job& job : jobs_)
        if (job.done && (!first || job.deadline < *first))
            first = job.deadline;
    if (!first)
        return;
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(*first - Clock::now()).count();
    timer_->set(static_cast<std::uint64_t>(std::max<std::int64_t>(left + 1000, 1)));
}

} // namespace enforced::daemon
