// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/front.hpp"

#include <chrono>

#include "bus/names.hpp"
#include "daemon/events.hpp"
#include "daemon/inquiry.hpp"
#include "daemon/runtime.hpp"
#include "daemon/view.hpp"

namespace enforced::daemon {
namespace {

bus::Fault fault_of(const Error& error) {
    switch (error.code) {
    case ENOENT:
        return {bus::error::no_such_event, error.message};
    case EINVAL:
        return {bus::error::invalid_arguments, "that is no cursor of this machine's journal"};
    case ETIMEDOUT:
        return {bus::error::limit_exceeded, error.message};
    default:
        return {bus::error::failed, error.message};
    }
}

} // namespace

Result<std::unique_ptr<Front>> Front::create(Loop& loop, Parts parts, std::function<Summary()> summary) {
    std::unique_ptr<Front> front(new Front(parts, std::move(summary)));
    Front* self = front.get();
    // A helper reads what others wrote: what is in force must be out of its reach.
    auto helpers = Helpers::create(loop, [self] { self->parts_.enforcement.maps().unmap(); }, {});
    if (!helpers)
        return std::unexpected(helpers.error());
    front->helpers_ = std::move(*helpers);
    auto bus = bus::Bus::create(
        loop.handle(), *self,
        {.up = [self] { self->up(); },
         .down =
             [self] {
                 self->helpers_->forget_all();
                 self->parts_.changes.left_all();
             },
         .left =
             [self](const std::string& name) {
                 self->helpers_->forget(name);
                 self->parts_.changes.left(name);
             },
         .said = [self](int priority,
                        const std::string& text) { self->parts_.log.say(Entry(priority, nullptr, text)); }});
    if (!bus)
        return std::unexpected(bus.error());
    front->bus_ = std::move(*bus);
    front->publish();
    return front;
}

/// The maker of a change that a daemon before us made may have left meanwhile. Names on another bus, or on
/// this one before it was started anew, are others'.
void Front::up() {
    Changes& changes = parts_.changes;
    const std::string bus = bus_->id();

    changes.set_bus(bus);
    if (!changes.pending())
        return;
    const bus::Caller maker = changes.pending()->probation.maker;
    if (changes.pending()->bus != bus) {
        changes.left(maker.name);
        return;
    }
    bus_->find(maker.name, [&changes, maker](std::optional<std::uint32_t> uid) {
        if (uid != maker.uid)
            changes.left(maker.name);
    });
}

void Front::publish() {
    const Summary summary = summary_();
    const PolicySet& set = parts_.reconciler.set();
    bus::View view;

    units_ = parts_.units.known();
    view.version = ENFORCED_VERSION;
    view.state = summary.state;
    view.status = summary.status;
    view.generation = parts_.enforcement.maps().control().generation;
    view.features = view_features(parts_.enforcement);
    view.diagnostics = summary.diagnostics;
    view.weaknesses = summary.weaknesses;
    view.gaps = view_gaps(set, parts_.enforcement);
    if (parts_.changes.pending())
        view.probation = parts_.changes.pending()->probation;
    view.policies = view_policies(set, parts_.enforcement);
    view.units = view_units(set, parts_.enforcement, units_, parts_.tree);
    bus_->publish(std::move(view));
}

void Front::refresh_units() {
    if (parts_.units.known() != units_)
        publish();
}

bus::Answer<bus::Changed> Front::change(const bus::Change& change, const bus::Terms& terms,
                                        const bus::Caller& caller) {
    return parts_.changes.make(change, terms, caller);
}

policy::Diagnostics Front::check(const std::string& name, const std::string& text) {
    return parts_.reconciler.check(sources_to_check(parts_.reconciler.set().sources, name, text));
}

bus::Answer<void> Front::try_features() {
    auto tried = parts_.enforcement.try_hooks(kernel::HookSet().set());
    const auto settled = parts_.enforcement.settle();

    if (tried && !settled)
        tried = settled;
    if (!tried)
        return bus::fault(bus::error::failed, tried.error().message);
    publish();
    return {};
}

bus::Answer<void> Front::set_log_level(const std::string& level) {
    if (auto set = parts_.log.set_level(level); !set)
        return bus::fault(bus::error::invalid_arguments, set.error().message);
    return {};
}

bus::Answer<void> Front::set_log_target(const std::string& target) {
    if (auto set = parts_.log.set_target(target); !set)
        return bus::fault(bus::error::invalid_arguments, set.error().message);
    return {};
}

bus::Answer<void> Front::ask_helper(const bus::Caller& caller, Helpers::Work work, Helpers::Done done) {
    if (auto started = helpers_->start(caller.name, caller.uid, std::move(work), std::move(done)); !started)
        return bus::fault(bus::error::limit_exceeded, started.error().message);
    return {};
}

bus::Answer<void> Front::query_events(const bus::EventQuery& query, const bus::Caller& caller,
                                      std::function<void(bus::Answer<bus::EventPage>)> answer) {
    const auto work = [query = journal_query(query)]() -> Result<std::string> {
        const auto page = host::read_journal(query);
        return page ? Result<std::string>(host::pack(*page)) : std::unexpected(page.error());
    };
    return ask_helper(caller, work, [answer = std::move(answer)](const Result<std::string>& text) {
        const auto page = text ? host::unpack_page(*text) : std::unexpected(text.error());
        answer(page ? bus::Answer<bus::EventPage>(page_of(*page)) : std::unexpected(fault_of(page.error())));
    });
}

bus::Answer<void> Front::explain(const std::string& event, const bus::Caller& caller,
                                 std::function<void(bus::Answer<bus::Explanation>)> answer) {
    const auto work = [this, event]() -> Result<std::string> {
        const auto facts = parts_.enforcement.facts();
        const auto explanation = inquire(event, {parts_.reconciler.set(), facts, units_});
        return explanation ? Result<std::string>(pack(*explanation)) : std::unexpected(explanation.error());
    };
    return ask_helper(caller, work, [answer = std::move(answer)](const Result<std::string>& text) {
        auto explanation = text ? unpack_explanation(*text) : std::unexpected(text.error());
        answer(explanation ? bus::Answer<bus::Explanation>(std::move(*explanation))
                           : std::unexpected(fault_of(explanation.error())));
    });
}

void Front::tell_event(const Entry& entry) {
    bus::Event event = event_of(entry.fields());
    if (event.id.empty())
        return; // it is about something else
    event.time = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                                std::chrono::system_clock::now().time_since_epoch())
                                                .count());
    bus_->publish(event);
}

} // namespace enforced::daemon
