// SPDX-License-Identifier: GPL-2.0-or-later
// How a daemon goes on where the one before it ended.
#include "daemon/changes.hpp"

#include "daemon/wording.hpp"

namespace enforced::daemon {

void Changes::start() {
    const auto archive = valid_archive();
    auto record = store_.record();

    if (archive)
        owners_ = archive->owners;
    if (!record)
        complain("whether a change is on probation is not known", record.error());
    if (!record || !*record) {
        start_from_files(archive);
        return;
    }
    begin(std::move(**record));
    resume(archive);
}

/// What was kept, if it is what is in force: a daemon may have ended before it wrote it down, and somebody
/// may have released everything since.
std::optional<Archive> Changes::valid_archive() {
    auto archive = store_.archive();
    if (!archive) {
        complain("what was in force is not known", archive.error());
        return {};
    }
    if (!*archive || !enforcement_.in_force() ||
        (*archive)->generation != enforcement_.maps().control().generation)
        return {};
    return std::move(*archive);
}

/// With a change on probation, the files are not looked at: what is in force stays so until it is confirmed
/// or undone.
void Changes::resume(const std::optional<Archive>& archive) {
    Outcome outcome;
    if (!archive) {
        start_from_files(archive);
        return;
    }
    if (archive->released) {
        outcome = reconciler_.release();
        if (auto adopted = reconciler_.adopt_released(archive->sources, archive->left_out); !adopted)
            complain("what was released is not known", adopted.error());
    } else {
        outcome = reconciler_.apply(archive->sources, archive->left_out);
    }
    if (outcome.done)
        keep_archive();
    outcome.agrees = reconciler_.agrees_with_files();
    events_.concluded(outcome);
}

void Changes::start_from_files(const std::optional<Archive>& archive) {
    const auto state = enforcement_.maps().state().find(0).value_or(enforced_state{});
    const bool first = !enforcement_.in_force() || !state.policies;
    Outcome outcome = first ? reconciler_.load() : reconciler_.reload();

    // What stays in force is better known: its units, and what of it is looked up in the file system.
    if (!outcome.done && archive && !archive->released)
        (void)reconciler_.apply(archive->sources, archive->left_out);
    keep_archive();
    events_.concluded(outcome);
}

} // namespace enforced::daemon
