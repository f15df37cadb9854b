// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.hpp"

struct sd_event;
struct sd_event_source;

namespace enforced::daemon {

/// The event loop. What it calls runs on it, one at a time.
class Loop {
  public:
    using Callback = std::function<void()>;
    class Timer;
    class Watch;

    static Result<Loop> create();

    /// Calls whenever `events` (EPOLLIN and the like) are there on a descriptor, which is a loan.
    Status on_events(int fd, std::uint32_t events, Callback callback);

    /// The same for as long as what it returns lives. The callback may end that.
    Result<Watch> watch(int fd, std::uint32_t events, Callback callback);

    /// Calls on a signal, which is blocked otherwise.
    Status on_signal(int signal, Callback callback);

    /// A timer that calls once each time it was set.
    Result<Timer> timer(Callback callback);

    /// A loan, for a library that brings sources of its own.
    [[nodiscard]] sd_event* handle() const { return event_.get(); }

    /// Until `stop`.
    Status run();
    void stop();

  private:
    struct Unref {
        void operator()(sd_event* event) const;
        void operator()(sd_event_source* source) const;
    };
    using Source = std::unique_ptr<sd_event_source, Unref>;

    explicit Loop(sd_event* event) : event_(event) {}
    Callback* keep(Callback callback);

    std::unique_ptr<sd_event, Unref> event_;
    std::vector<std::unique_ptr<Callback>> callbacks_; // at addresses that do not move
    std::vector<Source> sources_;
};

class Loop::Timer {
  public:
    /// From now, in microseconds, the time that the machine sleeps included. What was set before is
    /// forgotten.
    void set(std::uint64_t microseconds);

    void stop();

  private:
    friend class Loop;
    explicit Timer(sd_event_source* source) : source_(source) {}

    sd_event_source* source_; // the loop's
};

class Loop::Watch {
  private:
    friend class Loop;
    Watch(std::unique_ptr<Callback> callback, Source source)
        : callback_(std::move(callback)), source_(std::move(source)) {}

    std::unique_ptr<Callback> callback_;
    Source source_; // goes first
};

} // namespace enforced::daemon
