// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/release.hpp"

#include <unistd.h>

#include <atomic>

#include <fmt/format.h>

#include "daemon/chronicle.hpp"
#include "daemon/journal.hpp"
#include "daemon/message.hpp"
#include "kernel/grace.hpp"

namespace enforced::daemon {
namespace {

/// One store, and no task is governed any more. The kernel takes programs of a removed link out of the way
/// when it comes to it, which may be seconds later. Maps that are not in order are no reason to stop here:
/// the links go all the same.
void lift(const kernel::Pins& pins) {
    auto fds = pins.open_maps();
    if (!fds || fds->empty())
        return;
    if (auto maps = kernel::Maps::own(std::move(*fds)))
        std::atomic_ref(maps->control().generation).store(0, std::memory_order_release);
}

/// What the programs counted is gone with their maps. Maps that are not in order are no reason to keep them.
void write_what_is_left(const kernel::Pins& pins) {
    auto fds = pins.open_maps();
    if (!fds || fds->empty())
        return;
    const auto maps = kernel::Maps::own(std::move(*fds));
    auto grace = kernel::Grace::create();
    if (!maps || !grace || !grace->wait())
        return;
    if (auto chronicle = Chronicle::open(*maps, send))
        (void)(*chronicle)->close();
}

} // namespace

Result<std::string> release(const std::string& path) {
    if (access(path.c_str(), F_OK) < 0)
        return "nothing is in force";
    auto pins = kernel::Pins::lock(path);
    if (!pins && pins.error().code == EWOULDBLOCK)
        return failure("the daemon is running, and would go on enforcing; first: systemctl stop enforced");
    if (!pins)
        return std::unexpected(pins.error());
    lift(*pins);
    const auto links = pins->remove_links();
    if (!links)
        return std::unexpected(links.error());
    write_what_is_left(*pins);
    if (auto removed = pins->remove_rest(); !removed)
        return std::unexpected(removed.error());
    std::string text = fmt::format("released: {} hooks are detached, no policy is in force any more", *links);
    (void)send(Entry(LOG_NOTICE, message::released, text));
    return text;
}

} // namespace enforced::daemon
