// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "daemon/loop.hpp"

namespace enforced::daemon {

/// Does what may take long (reading from a disk, compiling) in processes, while the loop goes on. A helper is
/// a copy of the daemon as it was when it began, and hands back a text. Processes, and not threads, since one
/// can be ended at any moment, and since what it reads may be damaged or somebody's trap: a helper holds no
/// capabilities and no descriptors but one to answer to, and if it dies, it dies alone.
class Helpers {
  public:
    using Work = std::function<Result<std::string>()>;
    using Done = std::function<void(Result<std::string>)>;

    struct Limits {
        std::size_t running = 2;                    // helpers at a time
        std::size_t each = 8;                       // of one user, those that wait included
        std::size_t all = 64;                       // likewise, of everybody
        std::size_t answer = 4 * 1024 * 1024;       // bytes
        std::size_t memory = 1024UL * 1024 * 1024;  // bytes that a helper may allocate
        std::chrono::milliseconds patience{20'000}; // until the answer has to be there, from the question on
    };

    /// `shed` is called in each helper before all else, to get rid of what it must not have. The loop is a
    /// loan for as long as this is used.
    static Result<std::unique_ptr<Helpers>> create(Loop& loop, std::function<void()> shed, Limits limits);

    Helpers(const Helpers&) = delete;
    Helpers& operator=(const Helpers&) = delete;
    ~Helpers();

    /// Lets a helper do the work for `owner`, of user `uid`, as soon as there is one. `done` is called when
    /// there is an answer or can be none. Fails with EDQUOT if that user asks for too much at a time, EBUSY
    /// if all do.
    Status start(std::string owner, std::uint32_t uid, Work work, Done done);

    /// Ends what was begun for an owner, who is not told of it, or for all.
    void forget(const std::string& owner);
    void forget_all();

  private:
    struct Job {
        std::string owner;
        std::uint32_t uid = 0;
        Work work;
        Done done; // empty: nobody wants to know any more
        std::chrono::steady_clock::time_point deadline;
        pid_t pid = 0; // 0: it waits
        Fd process, pipe;
        std::optional<Loop::Watch> end, answer;
        std::string text;
    };
    using Jobs = std::list<Job>;

    Helpers(Loop& loop, std::function<void()> shed, Limits limits)
        : loop_(loop), shed_(std::move(shed)), limits_(limits) {}

    void begin_more();
    Status begin(Jobs::iterator job);
    [[noreturn]] void help(const Job& job, int pipe);
    void read(Job& job);
    void ended(Jobs::iterator job);
    void conclude(Job& job, Result<std::string> result);
    void kill(Job& job);
    void expire();
    void set_timer();

    Loop& loop_;
    std::function<void()> shed_;
    Limits limits_;
    std::optional<Loop::Timer> timer_;
    Jobs jobs_;
};

} // namespace enforced::daemon
