// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/loop.hpp"

#include <csignal>
#include <systemd/sd-event.h>

namespace enforced::daemon {
namespace {

int call_io(sd_event_source*, int, std::uint32_t, void* callback) {
    const Loop::Callback call = *static_cast<Loop::Callback*>(callback); // it may end its own watch
    call();
    return 0;
}

int call_signal(sd_event_source*, const signalfd_siginfo*, void* callback) {
    (*static_cast<Loop::Callback*>(callback))();
    return 0;
}

int call_time(sd_event_source*, std::uint64_t, void* callback) {
    (*static_cast<Loop::Callback*>(callback))();
    return 0;
}

} // namespace

void Loop::Unref::operator()(sd_event* event) const {
    sd_event_unref(event);
}
void Loop::Unref::operator()(sd_event_source* source) const {
    sd_event_source_disable_unref(source);
}

Result<Loop> Loop::create() {
    sd_event* event = nullptr;
    if (const int result = sd_event_new(&event); result < 0)
        return failure("create the event loop", -result);
    return Loop(event);
}

Loop::Callback* Loop::keep(Callback callback) {
    return callbacks_.emplace_back(std::make_unique<Callback>(std::move(callback))).get();
}

Status Loop::on_events(int fd, std::uint32_t events, Callback callback) {
    sd_event_source* source = nullptr;
    if (const int result =
            sd_event_add_io(event_.get(), &source, fd, events, call_io, keep(std::move(callback)));
        result < 0)
        return failure("watch a descriptor", -result);
    sources_.emplace_back(source);
    return {};
}

Result<Loop::Watch> Loop::watch(int fd, std::uint32_t events, Callback callback) {
    sd_event_source* source = nullptr;
    auto kept = std::make_unique<Callback>(std::move(callback));
    if (const int result = sd_event_add_io(event_.get(), &source, fd, events, call_io, kept.get());
        result < 0)
        return failure("watch a descriptor", -result);
    return Watch(std::move(kept), Source(source));
}

Status Loop::on_signal(int signal, Callback callback) {
    sd_event_source* source = nullptr;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    if (const int result =
            sd_event_add_signal(event_.get(), &source, signal, call_signal, keep(std::move(callback)));
        result < 0)
        return failure("watch for a signal", -result);
    sources_.emplace_back(source);
    return {};
}

Result<Loop::Timer> Loop::timer(Callback callback) {
    sd_event_source* source = nullptr;
    if (const int result = sd_event_add_time(event_.get(), &source, CLOCK_BOOTTIME, 0, 0, call_time,
                                             keep(std::move(callback)));
        result < 0)
        return failure("create a timer", -result);
    sd_event_source_set_enabled(source, SD_EVENT_OFF);
    sources_.emplace_back(source);
    return Timer(source);
}

void Loop::Timer::set(std::uint64_t microseconds) {
    sd_event_source_set_time_relative(source_, microseconds);
    sd_event_source_set_enabled(source_, SD_EVENT_ONESHOT);
}

void Loop::Timer::stop() {
    sd_event_source_set_enabled(source_, SD_EVENT_OFF);
}

Status Loop::run() {
    if (const int result = sd_event_loop(event_.get()); result < 0)
        return failure("the event loop", -result);
    return {};
}

void Loop::stop() {
    sd_event_exit(event_.get(), 0);
}

} // namespace enforced::daemon
