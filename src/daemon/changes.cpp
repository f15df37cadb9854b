// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/changes.hpp"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "bus/names.hpp"
#include "daemon/message.hpp"
#include "daemon/wording.hpp"
#include "policy/merge.hpp"
#include "policy/print.hpp"

namespace enforced::daemon {
namespace {

using bus::Answer;
using bus::Verb;

constexpr std::uint64_t retry = 10'000'000; // µs

/// CLOCK_BOOTTIME in µs: it goes on while the machine sleeps, and from one daemon to the next.
std::uint64_t now() {
    timespec time = {};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}

std::string new_id() {
    std::uint64_t number = 0;
    if (getrandom(&number, sizeof(number), 0) != sizeof(number))
        number = now();
    return fmt::format("{:016x}", number);
}

Answer<void> put_all(const std::vector<host::PolicyFile>& files) {
    for (const host::PolicyFile& file : files) {
        if (auto done = host::put(file); !done)
            return bus::fault(bus::error::failed, done.error().message);
    }
    return {};
}

/// What only the whole of the texts can be asked.
Answer<void> validate(const bus::Change& change, const Edit& edit) {
    const auto merged = policy::merge(edit.sources);
    Outcome outcome;
    outcome.diagnostics = merged.diagnostics;
    if (policy::has_errors(merged.diagnostics))
        return std::unexpected(outcome_fault(outcome));
    const auto found = std::ranges::find(merged.policies, change.policy, &policy::Policy::name);
    if (change.verb == Verb::mode && !change.mode.empty() && found != merged.policies.end() &&
        policy::print(found->mode) != change.mode)
        return bus::fault(bus::error::shadowed,
                          fmt::format("an amendment of {} sets the mode to {}, and is read later",
                                      change.policy, policy::print(found->mode)));
    return {};
}

} // namespace

Outcome Changes::reload() {
    Outcome outcome;
    if (record_) {
        outcome.error = pending_fault(record_->probation, now()).message;
        return outcome;
    }
    outcome = reconciler_.reload();
    if (outcome.done)
        keep_archive();
    return outcome;
}

Answer<bus::Changed> Changes::make(const bus::Change& change, const bus::Terms& terms,
                                   const bus::Caller& caller) {
    if (auto admitted = admit(change, caller); !admitted)
        return std::unexpected(admitted.error());
    const auto edit = prepare(change);
    if (!edit)
        return std::unexpected(edit.error());
    return carry_out(change, *edit, terms, caller);
}

Answer<void> Changes::admit(const bus::Change& change, const bus::Caller& caller) const {
    if (record_)
        return std::unexpected(pending_fault(record_->probation, now()));
    if (reconciler_.set().released && change.verb != Verb::reload)
        return bus::fault(bus::error::released,
                          "all that was in force was lifted by Release; reload before anything else");
    const auto owned = std::ranges::count_if(owners_, [&](const auto& owner) {
        return owner.second == caller.uid && owner.first != change.policy;
    });
    if (change.verb == Verb::load && caller.uid && static_cast<std::size_t>(owned) >= max_policies_)
        return bus::fault(
            bus::error::limit_exceeded,
            fmt::format("{} runtime policies are yours already; unload one, or make one permanent",
                        max_policies_));
    return {};
}

Answer<Edit> Changes::prepare(const bus::Change& change) const {
    if (change.verb == Verb::reload || change.verb == Verb::release)
        return Edit{};
    auto prepared = edit(reconciler_.set().sources, change);
    if (!prepared)
        return prepared;
    if (auto valid = validate(change, *prepared); !valid)
        return std::unexpected(valid.error());
    return prepared;
}

/// What is at the places that an edit writes to. If that is not what was read when the set came into force,
/// it is somebody's work that would be lost.
Answer<std::vector<host::PolicyFile>> Changes::look_before(const Edit& edit) const {
    std::vector<host::PolicyFile> files;
    for (const std::string& path : edit.absent) {
        if (access(path.c_str(), F_OK) == 0)
            return bus::fault(bus::error::shadowed, path + " has the say; edit that file, and reload");
    }
    for (const host::PolicyFile& file : edit.files) {
        auto there = host::look_at(file.path);
        if (!there)
            return bus::fault(bus::error::failed, there.error().message);
        if (*there != file_at(reconciler_.set().sources, file.path))
            return bus::fault(bus::error::shadowed,
                              file.path + " was changed since it was read; reload, or put it right, first");
        files.push_back(std::move(*there));
    }
    return files;
}

Outcome Changes::bring(const bus::Change& change, const Edit& edit) {
    if (change.verb == Verb::reload)
        return reconciler_.reload();
    if (change.verb == Verb::release)
        return reconciler_.release();
    Outcome outcome = reconciler_.apply(edit.sources, reconciler_.set().left_out);
    outcome.agrees = reconciler_.agrees_with_files();
    return outcome;
}

Answer<bus::Changed> Changes::carry_out(const bus::Change& change, const Edit& edit, const bus::Terms& terms,
                                        const bus::Caller& caller) {
    auto before = look_before(edit);
    if (!before)
        return std::unexpected(before.error());
    Record record;
    record.before = archive();
    record.files = *before;
    record.bus = bus_;
    if (terms.timeout) {
        record.probation = {
            new_id(), {change.verb, change.policy, {}, change.mode}, caller, terms, now() + *terms.timeout};
        // Before anything is changed: whoever comes after us, whenever we end, undoes it.
        if (auto kept = store_.keep(record); !kept)
            return bus::fault(bus::error::failed,
                              "the change cannot be on probation: " + kept.error().message);
    }
    auto written = put_all(edit.files);
    Outcome outcome;
    if (written)
        outcome = bring(change, edit);
    if (!written || !outcome.done) {
        (void)put_all(*before);
        if (terms.timeout)
            (void)store_.forget_record();
        const bus::Fault fault = written ? outcome_fault(outcome) : written.error();
        if (change.verb == Verb::reload)
            events_.concluded(outcome);
        else // what is in force, and what the files say, is as it was
            events_.said(refusal_entry(change, caller, fault.message));
        return std::unexpected(fault);
    }
    remember_owner(change, caller);
    keep_archive();
    events_.said(change_entry(change, terms, caller, record.probation.id));
    bus::Changed changed{record.probation.id, {}};
    for (const host::PolicyFile& file : edit.files) {
        if (file.text)
            changed.files.push_back(file.path);
    }
    if (terms.timeout)
        begin(std::move(record));
    events_.concluded(outcome);
    return changed;
}

void Changes::begin(Record record) {
    const std::uint64_t time = now();
    record_ = std::move(record);
    timer_.set(record_->probation.deadline > time ? record_->probation.deadline - time : 0);
}

void Changes::remember_owner(const bus::Change& change, const bus::Caller& caller) {
    if (change.verb == Verb::load && caller.uid)
        owners_[change.policy] = caller.uid;
    else if (change.verb == Verb::load || change.verb == Verb::unload || change.verb == Verb::make_permanent)
        owners_.erase(change.policy);
    else if (change.verb == Verb::reload) // of files that are gone
        std::erase_if(owners_, [&](const auto& owner) {
            return policy::parts_of(reconciler_.set().sources, owner.first + ".toml").empty();
        });
}

Answer<void> Changes::confirm() {
    if (!record_)
        return bus::fault(bus::error::no_probation, "there is no change on probation");
    if (auto forgotten = store_.forget_record(); !forgotten)
        return bus::fault(bus::error::failed, forgotten.error().message);
    timer_.stop();
    events_.said(confirmed_entry(record_->probation));
    record_.reset();
    events_.settled();
    return {};
}

Answer<void> Changes::revert() {
    if (!record_)
        return bus::fault(bus::error::no_probation, "there is no change on probation");
    undo("that was asked for");
    if (record_)
        return bus::fault(bus::error::failed,
                          "the change cannot be undone yet; journalctl -u enforced says why, and "
                          "it will be tried again");
    return {};
}

void Changes::expire() {
    if (record_)
        undo("its time is up");
}

void Changes::left(const std::string& name) {
    if (record_ && !record_->probation.terms.keep && record_->probation.maker.name == name)
        undo("who made it has left the bus");
}

void Changes::left_all() {
    if (record_ && !record_->probation.terms.keep)
        undo("the bus has gone, and with it who made it");
}

/// Brings back exactly what was. The record stays until that is done, so that one who comes after us goes on.
void Changes::undo(const std::string& why) {
    record_->probation.deadline = now();
    (void)store_.keep(*record_); // one who comes after us need not wait
    const auto files = put_all(record_->files);
    Outcome outcome;
    if (!files)
        outcome.error = files.error().message;
    else if (record_->before.released)
        outcome = reconciler_.release();
    else
        outcome = reconciler_.apply(record_->before.sources, record_->before.left_out);
    if (outcome.done && record_->before.released) {
        const auto adopted = reconciler_.adopt_released(record_->before.sources, record_->before.left_out);
        outcome.done = adopted.has_value();
        outcome.error = adopted ? std::string() : adopted.error().message;
    }
    if (!outcome.done) {
        events_.said(Entry(LOG_ERR, message::not_undone,
                           fmt::format("{}; that cannot be undone yet: {}",
                                       describe(record_->probation.change), outcome_fault(outcome).message)));
        timer_.set(retry);
        return;
    }
    timer_.stop();
    owners_ = record_->before.owners;
    keep_archive();
    if (auto forgotten = store_.forget_record(); !forgotten)
        complain("the record of the probation stays", forgotten.error());
    events_.said(undone_entry(record_->probation, why));
    record_.reset();
    outcome.agrees = reconciler_.agrees_with_files();
    events_.concluded(outcome);
}

Archive Changes::archive() const {
    const PolicySet& set = reconciler_.set();
    return {enforcement_.maps().control().generation, set.released, set.sources, set.left_out, owners_};
}

void Changes::keep_archive() {
    if (!reconciler_.set().plan) // what is in force is not known
        return;
    if (auto kept = store_.keep(archive()); !kept)
        complain("the daemon after this one will not know what is in force before it has read the files",
                 kept.error());
}

void Changes::complain(const std::string& what, const Error& error) {
    events_.said(Entry(LOG_WARNING, nullptr, what + ": " + error.message));
}

} // namespace enforced::daemon
