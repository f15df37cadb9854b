// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/watch.hpp"

#include <cstdint>
#include <fcntl.h>
#include <sys/inotify.h>

#include <vector>

namespace enforced::host {
namespace {

constexpr std::uint32_t events =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

} // namespace

Result<Watch> Watch::create() {
    Fd fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!fd)
        return failure("inotify_init1", errno);
    return Watch(std::move(fd));
}

void Watch::set(std::span<const std::string> paths) {
    std::map<int, std::set<std::string>> names;

    for (const std::string& path : paths) {
        // Every directory on the way, since any may be replaced.
        for (std::size_t begin = 0; begin + 1 < path.size();) {
            const std::size_t end = std::min(path.find('/', begin + 1), path.size());
            const std::string above = begin ? path.substr(0, begin) : "/";
            const int descriptor = inotify_add_watch(inotify_.get(), above.c_str(), events);
            if (descriptor < 0)
                break;
            names[descriptor].insert(path.substr(begin + 1, end - begin - 1));
            begin = end;
        }
    }
    for (const auto& [descriptor, ignored] : names_) {
        if (!names.contains(descriptor))
            inotify_rm_watch(inotify_.get(), descriptor);
    }
    names_ = std::move(names);
}

bool Watch::changed() {
    alignas(inotify_event) char buffer[16384];
    bool changed = false;

    for (;;) {
        const ssize_t size = read(inotify_.get(), buffer, sizeof(buffer));
        if (size <= 0)
            return changed;
        for (const char* at = buffer; at < buffer + size;) {
            const auto* event = reinterpret_cast<const inotify_event*>(at);
            const auto watched = names_.find(event->wd);
            if (event->mask & IN_Q_OVERFLOW)
                changed = true;
            else if (watched != names_.end() && !(event->mask & IN_IGNORED))
                changed = changed || !event->len || watched->second.contains(event->name);
            at += sizeof(inotify_event) + event->len;
        }
    }
}

} // namespace enforced::host
