// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/confdir.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/fd.hpp"
#include "base/quote.hpp"
#include "base/result.hpp"
#include "policy/parse.hpp"

namespace enforced::host {
namespace {

constexpr std::string_view suffix = ".toml";
constexpr std::string_view amendments_suffix = ".toml.d";

/// Says why `path` is not to be trusted, and the command that puts it right.
Status check_owner(const struct stat& status, const std::string& path, uid_t owner) {
    if (status.st_uid != owner)
        return failure(
            fmt::format("is owned by uid {}, who could change what is enforced; to accept it, run: "
                        "chown root {}",
                        status.st_uid, printable(path)));
    if (status.st_mode & (S_IWGRP | S_IWOTH))
        return failure(
            fmt::format("can be written by others than its owner (mode {:04o}); to accept it, run: "
                        "chmod go-w {}",
                        status.st_mode & 07777, printable(path)));
    return {};
}

bool same_content(const struct stat& a, const struct stat& b) {
    return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

Result<std::string> read_all(int fd, std::size_t limit) {
    std::string text(limit + 1, '\0');
    std::size_t size = 0;

    while (size < text.size()) {
        const ssize_t count = read(fd, text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failure("cannot be read", errno);
        if (!count)
            break;
        size += static_cast<std::size_t>(count);
    }
    if (size > limit)
        return failure(fmt::format("is larger than {} bytes", limit));
    text.resize(size);
    return text;
}

/// Reads through a descriptor, so that what is checked is what is read.
Result<std::string> read_file(int directory, const std::string& name, const std::string& path, uid_t owner) {
    // O_NONBLOCK: a FIFO in the place of a file would hold up the daemon.
    const Fd fd(openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat before = {}, after = {};

    if (!fd)
        return failure("cannot be opened", errno);
    if (fstat(fd.get(), &before) < 0)
        return failure("cannot be looked at", errno);
    if (!S_ISREG(before.st_mode))
        return failure("is not a regular file");
    if (auto trusted = check_owner(before, path, owner); !trusted)
        return std::unexpected(trusted.error());
    auto text = read_all(fd.get(), policy::max_policy_text);
    if (text && fstat(fd.get(), &after) == 0 && !same_content(before, after))
        return failure("was changed while it was read; reload once it is complete");
    return text;
}

/// Fills in the text of an entry, that it masks, or why it cannot be read.
void read_entry(int directory, const std::string& name, uid_t owner, policy::Source& source) {
    char target[16] = {};

    if (readlinkat(directory, name.c_str(), target, sizeof(target) - 1) >= 0) {
        if (std::string_view(target) == "/dev/null")
            source.masked = true;
        else
            source.fault =
                "is a symbolic link; only a link to /dev/null, which masks, is followed: put the file "
                "itself there";
        return;
    }
    auto text = read_file(directory, name, source.path, owner);
    if (text)
        source.text = std::move(*text);
    else
        source.fault = text.error().message;
}

class Reader {
  public:
    Reader(PolicyFiles& found, uid_t owner) : found_(found), owner_(owner) {}

    void read_directory(const std::string& path, unsigned rank) {
        // Who owns the directory above could put another in the place of this one.
        const std::string above_path = path.substr(0, path.rfind('/'));
        const auto above = open_directory(AT_FDCWD, above_path, above_path);

        rank_ = rank;
        if (!above)
            return;
        if (auto directory = open_directory(above->get(), path.substr(path.rfind('/') + 1), path))
            read_entries(std::move(*directory), path, "");
    }

  private:
    void complain(const std::string& path, const std::string& message) {
        policy::Diagnostic error;
        error.at.file = path;
        error.message = message;
        found_.errors.push_back(std::move(error));
    }

    std::optional<Fd> open_directory(int at, const std::string& name, const std::string& path) {
        auto opened = try_directory(at, name, path);
        if (opened || opened.error().code == ENOENT)
            return opened ? std::optional(std::move(*opened)) : std::nullopt;
        complain(path, opened.error().message);
        return {};
    }

    Result<Fd> try_directory(int at, const std::string& name, const std::string& path) {
        Fd fd(openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        struct stat status = {};

        if (!fd)
            return failure("cannot be opened as a directory", errno);
        if (fstat(fd.get(), &status) < 0)
            return failure("cannot be looked at", errno);
        if (auto trusted = check_owner(status, path, owner_); !trusted)
            return std::unexpected(trusted.error());
        return fd;
    }

    void read_entries(Fd directory, const std::string& path, const std::string& amends) {
        const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(directory.get()), closedir);
        std::vector<std::string> names;

        if (!stream) {
            complain(path, fmt::format("cannot be listed: {}", std::strerror(errno)));
            return;
        }
        const int fd = directory.release(); // the stream's now
        while (const dirent* entry = readdir(stream.get()))
            names.emplace_back(entry->d_name);
        std::sort(names.begin(), names.end());
        for (const std::string& name : names)
            read_one(fd, name, path + "/" + name, amends);
    }

    /// Amendments that cannot be read leave no policy, rather than one that lacks them.
    void read_amendments(int directory, const std::string& name, const std::string& path) {
        const std::string amends = name.substr(0, name.size() - 2);
        auto below = try_directory(directory, name, path);

        if (below) {
            read_entries(std::move(*below), path, amends);
            return;
        }
        policy::Source source;
        source.path = path;
        source.basename = name;
        source.rank = rank_;
        source.amends = amends;
        source.fault = below.error().message;
        found_.sources.push_back(std::move(source));
    }

    void read_one(int directory, const std::string& name, const std::string& path,
                  const std::string& amends) {
        policy::Source source;

        if (name.starts_with('.')) // an editor's, or a package manager's in the making
            return;
        if (amends.empty() && name.ends_with(amendments_suffix)) {
            read_amendments(directory, name, path);
            return;
        }
        if (!name.ends_with(suffix))
            return;
        if (found_.sources.size() == max_policy_files) {
            complain(path, fmt::format("is one file too many: {} are read at most", max_policy_files));
            return;
        }
        source.path = path;
        source.basename = name;
        source.rank = rank_;
        source.amends = amends;
        read_entry(directory, name, owner_, source);
        found_.sources.push_back(std::move(source));
    }

    PolicyFiles& found_;
    uid_t owner_;
    unsigned rank_ = 0;
};

} // namespace

PolicyFiles read_policies(std::span<const std::string> directories, uid_t owner) {
    PolicyFiles found;
    Reader reader(found, owner);

    for (std::size_t rank = 0; rank < directories.size(); rank++)
        reader.read_directory(directories[rank], static_cast<unsigned>(rank));
    return found;
}

} // namespace enforced::host
