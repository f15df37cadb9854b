// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/fd.hpp"

namespace enforced::host {
namespace {

std::string directory_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

Status write_all(int fd, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t size = write(fd, text.data(), text.size());
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return failure("write " + path, errno);
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return {};
}

Status write_and_sync(const std::string& path, std::string_view text) {
    const Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd)
        return failure("create " + path, errno);
    if (auto written = write_all(fd.get(), text, path); !written)
        return written;
    return fsync(fd.get()) < 0 ? failure("write " + path, errno) : Status{};
}

} // namespace

Result<std::optional<std::string>> read_text(const std::string& path, std::size_t limit) {
    const Fd fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat status = {};

    if (!fd && errno == ENOENT)
        return std::nullopt;
    if (!fd || fstat(fd.get(), &status) < 0)
        return failure("open " + path, errno);
    if (!S_ISREG(status.st_mode))
        return failure(path + " is not a regular file");
    if (static_cast<std::size_t>(status.st_size) > limit)
        return failure(fmt::format("{} is larger than {} bytes", path, limit), EFBIG);
    std::string text(static_cast<std::size_t>(status.st_size) + 1, '\0');
    std::size_t size = 0;
    for (ssize_t count = 1; count && size < text.size(); size += static_cast<std::size_t>(count)) {
        count = read(fd.get(), text.data() + size, text.size() - size);
        if (count < 0)
            return failure("read " + path, errno);
    }
    if (size == text.size())
        return failure(path + " was changed while it was read");
    text.resize(size);
    return text;
}

Status write_text(const std::string& path, std::string_view text) {
    // Readers of policies pass over what begins with a dot. A file of one who died on the way is in the way.
    const std::string directory = directory_of(path);
    const std::string temporary = directory + "/." + path.substr(directory.size() + 1) + ".new";

    if (auto removed = remove_file(temporary); !removed)
        return removed;
    auto done = write_and_sync(temporary, text);
    if (done && rename(temporary.c_str(), path.c_str()) < 0)
        done = failure("write " + path, errno);
    if (!done) {
        unlink(temporary.c_str());
        return done;
    }
    const Fd parent(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return parent && fsync(parent.get()) < 0 ? failure("write " + path, errno) : Status{};
}

Status make_directories(const std::string& path) {
    if (path.empty() || access(path.c_str(), F_OK) == 0)
        return {};
    if (auto above = make_directories(directory_of(path)); !above)
        return above;
    if (mkdir(path.c_str(), 0755) < 0 && errno != EEXIST)
        return failure("create " + path, errno);
    return chmod(path.c_str(), 0755) < 0 ? failure("create " + path, errno) : Status{}; // whatever our umask
}

Status remove_file(const std::string& path) {
    return unlink(path.c_str()) < 0 && errno != ENOENT ? failure("remove " + path, errno) : Status{};
}

} // namespace enforced::host
