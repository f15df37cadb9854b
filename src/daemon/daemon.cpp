// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/daemon.hpp"

#include <csignal>
#include <fcntl.h>
#include <sys/epoll.h>

#include <fmt/format.h>

#include "base/quote.hpp"
#include "daemon/account.hpp"
#include "daemon/message.hpp"
#include "daemon/notice.hpp"
#include "host/confdir.hpp"
#include "host/manager.hpp"
#include "host/mounts.hpp"
#include "host/settings.hpp"

namespace enforced::daemon {
namespace {

constexpr std::uint64_t second = 1'000'000; // µs
constexpr std::uint64_t sweep_interval = 5 * second;
constexpr std::uint64_t maintenance_interval = 60 * second;
constexpr std::uint64_t inspection_interval = 600 * second;
constexpr std::uint64_t settling_time = second / 10; // of directories that are being made or replaced

Result<host::CgroupTree> open_cgroups() {
    const auto mounts = host::read_mounts();
    if (!mounts)
        return std::unexpected(mounts.error());
    const auto root = host::find_cgroup_root(*mounts);
    if (!root)
        return failure(
            "the unified cgroup hierarchy (cgroup2) is not mounted, by which units are told apart; boot "
            "without systemd.unified_cgroup_hierarchy=0");
    return host::CgroupTree::open(*root);
}

} // namespace

Result<std::unique_ptr<Daemon>> Daemon::start() {
    auto tree = open_cgroups();
    if (!tree)
        return std::unexpected(tree.error());
    auto loop = Loop::create();
    if (!loop)
        return std::unexpected(loop.error());
    auto watch = host::Watch::create();
    if (!watch)
        return std::unexpected(watch.error());
    std::unique_ptr<Daemon> daemon(new Daemon(std::move(*tree), std::move(*loop), std::move(*watch)));
    if (auto prepared = daemon->prepare(); !prepared)
        return std::unexpected(prepared.error());
    if (auto connected = daemon->connect(); !connected)
        return std::unexpected(connected.error());
    if (auto timed = daemon->set_timers(); !timed)
        return std::unexpected(timed.error());
    if (auto faced = daemon->face(); !faced)
        return std::unexpected(faced.error());
    return daemon;
}

/// Settings are no reason not to enforce: with an error in them, the built-in ones hold.
void Daemon::adopt_settings() {
    auto read = host::read_settings(host::settings_directories);

    settings_ = std::move(read.settings);
    (void)log_.set_level(settings_.log_level); // one that there is
    for (const policy::Diagnostic& each : read.diagnostics) {
        const bool error = each.severity == policy::Diagnostic::Severity::error;
        log_.say(Entry(error ? LOG_ERR : LOG_WARNING, message::bad_settings,
                       printable(policy::render(each)) + (error ? "; the built-in settings hold" : "")));
    }
}

Status Daemon::prepare() {
    adopt_settings();
    if (auto mounted = kernel::ensure_bpffs(); !mounted)
        return mounted;
    auto own = tree_.own_directory();
    if (!own)
        return std::unexpected(own.error());
    auto enforcement =
        kernel::Enforcement::open({tree_.root(), std::move(*own), kernel::pins_path, notify_busy});
    if (!enforcement)
        return std::unexpected(enforcement.error());
    enforcement_.emplace(std::move(*enforcement));
    guardian_.emplace(tree_, *enforcement_);
    if (auto labelled = guardian_->begin(); !labelled)
        log_.say(Entry(LOG_WARNING, nullptr,
                       "the daemon is not known to its programs: " + labelled.error().message));
    keep_guarded();
    vigil_.emplace(*enforcement_, [this](const Entry& entry) { log_.say(entry); });
    for (const std::string& warning : enforcement_->warnings())
        log_.say(Entry(LOG_WARNING, nullptr, warning));
    units_.emplace(tree_, enforcement_->maps());
    auto chronicle = Chronicle::open(enforcement_->maps(), [this](const Entry& entry) {
        auto told = tell(entry);
        if (told && front_)
            front_->tell_event(entry);
        return told;
    });
    if (!chronicle)
        return std::unexpected(chronicle.error());
    chronicle_ = std::move(*chronicle);
    reconciler_.emplace(host::policy_directories, *enforcement_, *units_);
    return {};
}

Status Daemon::connect() {
    auto control = Control::listen();

    if (control)
        control_.emplace(std::move(*control));
    else // a full /run is no reason not to enforce
        log_.say(Entry(LOG_WARNING, nullptr,
                       control.error().message +
                           "; systemctl reload enforced will not work, systemctl kill --kill-who=main "
                           "--signal=HUP enforced will"));
    mountinfo_.reset(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
    for (const auto& [signal, callback] : std::initializer_list<std::pair<int, Loop::Callback>>{
             {SIGHUP, [this] { reload(); }}, {SIGTERM, [this] { stop(); }}, {SIGINT, [this] { stop(); }}}) {
        if (auto done = loop_.on_signal(signal, callback); !done)
            return done;
    }
    for (const auto& [fd, events, callback] :
         std::initializer_list<std::tuple<int, std::uint32_t, Loop::Callback>>{
             {chronicle_->fd(), EPOLLIN, [this] { take_events(); }},
             {mountinfo_.get(), EPOLLPRI, [this] { anchor_timer_->set(settling_time); }},
             {watch_.fd(), EPOLLIN, [this] {
                  if (watch_.changed())
                      anchor_timer_->set(settling_time);
              }}}) {
        if (auto done = loop_.on_events(fd, events, callback); !done)
            return done;
    }
    if (!control_)
        return {};
    return loop_.on_events(control_->fd(), EPOLLIN, [this] {
        control_->serve([this](std::uint32_t pid) { return units_->governs(pid); },
                        [this] { return reload(); });
    });
}

Status Daemon::set_timers() {
    for (const auto& [timer, callback] :
         std::initializer_list<std::pair<std::optional<Loop::Timer>*, Loop::Callback>>{
             {&chronicle_timer_, [this] { take_events(); }},
             {&sweep_timer_, [this] { sweep(); }},
             {&maintenance_timer_, [this] { maintain(); }},
             {&watchdog_timer_, [this] { feed_watchdog(); }},
             {&anchor_timer_, [this] { refresh_anchors(); }},
             {&probation_timer_, [this] { changes_->expire(); }},
             {&inspection_timer_, [this] { inspect(); }}}) {
        auto created = loop_.timer(callback);
        if (!created)
            return std::unexpected(created.error());
        timer->emplace(*created);
    }
    return {};
}

Status Daemon::face() {
    changes_.emplace(*reconciler_, *enforcement_, *probation_timer_,
                     Changes::Events{.concluded = [this](const Outcome& outcome) { conclude(outcome); },
                                     .settled = [this] { publish(); },
                                     .said = [this](const Entry& entry) { log_.say(entry); }});
    changes_->limit_policies(settings_.runtime_policies);
    auto front = Front::create(loop_, {*enforcement_, *reconciler_, *changes_, *units_, tree_, log_},
                               [this] { return summary(); });
    if (!front)
        return std::unexpected(front.error());
    front_ = std::move(*front);
    return {};
}

std::size_t Daemon::count_units() {
    const auto entered = reconciler_->enter_units();
    return entered ? *entered : units_->count_governed();
}

std::string Daemon::status() {
    const auto state = enforcement_->maps().state().find(0).value_or(enforced_state{});
    std::string text = status_sentence(state.policies, count_units(), state.shortfalls);

    if (reconciler_->set().released)
        text += "; all of it was lifted on request (systemctl reload enforced brings it back)";
    else if (incomplete_)
        text += "; not what the policy files say (journalctl -u enforced tells why)";
    return text;
}

Answer Daemon::conclude(const Outcome& outcome) {
    keep_guarded();
    Answer answer{outcome.done, {}};
    auto state = enforcement_->maps().state().find(0).value_or(enforced_state{});

    if (outcome.done) {
        state.policies = static_cast<std::uint32_t>(outcome.policies);
        state.shortfalls = static_cast<std::uint32_t>(outcome.shortfalls.size());
        (void)enforcement_->maps().state().put(0, state);
    }
    incomplete_ = !outcome.done || !outcome.agrees || policy::has_errors(outcome.diagnostics) ||
                  !outcome.refused.empty();
    diagnostics_ = outcome.diagnostics;
    const std::string stays = status_sentence(state.policies, count_units(), state.shortfalls);
    const auto reason = [this](const std::string& hook) {
        const auto known = kernel::find_hook(hook);
        return known ? enforcement_->reason(known->number) : std::string{};
    };
    for (const Entry& entry : outcome_entries(outcome, stays, reason)) {
        log_.say(entry);
        answer.text += fmt::format("{}\n", entry.field("MESSAGE"));
    }
    watch_.set(reconciler_->watched());
    notify_status(status());
    publish();
    return answer;
}

void Daemon::publish() {
    front_->publish();
}

Front::Summary Daemon::summary() {
    const auto state = enforcement_->maps().state().find(0).value_or(enforced_state{});
    const char* name = "enforcing";

    if (reconciler_->set().released)
        name = "released";
    else if (incomplete_ || state.shortfalls || !vigil_->weaknesses().empty())
        name = "degraded";
    else if (!state.policies)
        name = "idle";
    return {name, status(), diagnostics_, vigil_->weaknesses()};
}

Answer Daemon::reload() {
    notify_reloading();
    keep_pinned();
    const Answer answer = conclude(changes_->reload());
    inspect();
    notify_ready(status());
    return answer;
}

Status Daemon::run() {
    take_events(); // what the daemon before us left
    changes_->start();
    notify_ready(status());
    sweep();
    maintenance_timer_->set(maintenance_interval);
    feed_watchdog();
    inspection_timer_->set(inspection_interval);
    return loop_.run();
}

void Daemon::settle_chronicle(const Status& status) {
    if (!status)
        log_.say(Entry(LOG_ERR, nullptr, status.error().message));
    if (const auto due = chronicle_->next_due())
        chronicle_timer_->set(*due);
}

void Daemon::take_events() {
    settle_chronicle(chronicle_->take());
}

void Daemon::sweep() {
    settle_chronicle(chronicle_->sweep());
    front_->refresh_units();
    stay_at_home();
    if (vigil_->look())
        publish();
    sweep_timer_->set(sweep_interval);
}

/// Somebody may have removed the pins, or unmounted their file system: what is in force would end with us.
void Daemon::keep_pinned() {
    const auto mounted = kernel::ensure_bpffs();
    const auto pinned = mounted ? enforcement_->pin_again() : std::unexpected(mounted.error());

    if (!pinned)
        log_.say(
            Entry(LOG_ERR, message::not_in_force,
                  "what keeps the policies in force without the daemon is gone, and cannot be pinned anew: " +
                      pinned.error().message));
    else if (*pinned)
        log_.say(Entry(
            LOG_WARNING, nullptr,
            fmt::format("somebody has removed {} of the pins below {}, which keep the policies in force "
                        "without the daemon; they are back",
                        *pinned, kernel::pins_path)));
}

/// Files come and go, and so do links.
void Daemon::keep_guarded() {
    if (auto done = guardian_->renew(); !done)
        log_.say(Entry(LOG_ERR, message::not_in_force,
                       "what governed units are kept off was not found out anew: " + done.error().message));
}

void Daemon::stay_at_home() {
    if (const auto where = guardian_->come_back())
        log_.say(Entry(LOG_WARNING, nullptr,
                       "somebody has moved the daemon to the control group " + printable(*where)));
}

/// Not all the time: for a moment each hook is also asked by ourselves.
void Daemon::inspect() {
    if (vigil_->inspect()) {
        keep_guarded(); // a link that was attached anew has another number
        publish();
        notify_status(status());
    }
    inspection_timer_->set(inspection_interval);
}

void Daemon::maintain() {
    keep_pinned();
    keep_guarded();
    units_->forget_gone();
    // systemd may have been upgraded, and executed anew, meanwhile.
    enforcement_->maps().control().executor = host::has_executor();
    notify_status(status());
    maintenance_timer_->set(maintenance_interval);
}

/// Only a loop that gets round, a ring that can be read and maps that answer are worth a sign of life.
void Daemon::feed_watchdog() {
    const std::uint64_t interval = watchdog_interval();

    if (!interval)
        return;
    if (chronicle_->take() && enforcement_->maps().control().abi == ENFORCED_ABI_VERSION &&
        enforcement_->maps().state().find(0))
        notify_watchdog();
    watchdog_timer_->set(interval / 3);
}

void Daemon::refresh_anchors() {
    keep_pinned();
    keep_guarded();
    if (auto done = reconciler_->refresh_anchors(); !done)
        log_.say(Entry(LOG_ERR, message::not_in_force,
                       "what deny rules name was not looked up anew: " + done.error().message));
    watch_.set(reconciler_->watched());
}

void Daemon::stop() {
    keep_pinned();
    settle_chronicle(chronicle_->finish());
    const auto state = enforcement_->maps().state().find(0).value_or(enforced_state{});
    if (state.policies)
        log_.say(
            Entry(LOG_NOTICE, message::left_in_force,
                  fmt::format("stopping; {}, and stays so without the daemon. To lift it: enforced --release",
                              status_sentence(state.policies, count_units(), 0))));
    notify_stopping(state.policies ? "stopping; what is in force stays so" : "stopping");
    loop_.stop();
}

} // namespace enforced::daemon
