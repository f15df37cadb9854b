// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>

#include "base/fd.hpp"
#include "policy/parse.hpp"

namespace enforced::ctl {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view policy_suffix = ".toml";
constexpr std::string_view folder_suffix = ".toml.d";

/// "/etc/enforced/policy.d" also for "/etc/enforced/policy.d/"
std::string without_slashes(std::string path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    return path;
}

/// The policy that the files of a folder amend, or nothing if it is no such folder.
std::string amended_by_folder(const fs::path& folder) {
    const auto name = folder.filename().string();
    return name.size() > folder_suffix.size() && name.ends_with(folder_suffix)
               ? name.substr(0, name.size() - 2)
               : std::string{};
}

bool is_dev_null(const struct stat& status) {
    return S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

/// Reads to the end, or until it is more than a policy may be: the parser says that better.
Result<std::string> read_all(int fd) {
    std::string text;
    std::array<char, 65536> buffer;
    while (text.size() <= policy::max_policy_text) {
        const ssize_t got = read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failure("cannot be read", errno);
        if (got == 0)
            break;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
}

Status read_into(policy::Source& source) {
    // Standard input may be another user's pipe, which can be read and not opened anew.
    const Fd fd(source.path == "/dev/stdin" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                            : open(source.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd)
        return failure("cannot be read", errno);
    struct stat status {};
    if (fstat(fd.get(), &status) < 0)
        return failure("cannot be read", errno);
    if (S_ISDIR(status.st_mode))
        return failure("this is a directory, not a policy's file");
    source.masked = is_dev_null(status);
    auto text = read_all(fd.get());
    if (!text)
        return std::unexpected(text.error());
    source.text = std::move(*text);
    return {};
}

} // namespace

bool is_directory(const std::string& path) {
    std::error_code ignored; // what cannot be looked at cannot be read either, and reading says why
    return fs::is_directory(path, ignored);
}

policy::Source read_file(const std::string& path, unsigned rank) {
    const fs::path file(path);
    policy::Source source;
    source.path = path;
    source.basename = file.filename().string();
    source.rank = rank;
    source.amends = amended_by_folder(file.parent_path());
    if (const auto status = read_into(source); !status)
        source.fault = status.error().message;
    return source;
}

Result<std::vector<policy::Source>> read_directory(const std::string& path, unsigned rank) {
    const auto directory = without_slashes(path);
    std::error_code error;
    std::vector<policy::Source> sources;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto name = entry->path().filename().string();
        if (name.ends_with(policy_suffix)) {
            sources.push_back(read_file(entry->path().string(), rank));
        } else if (!amended_by_folder(entry->path()).empty() && is_directory(entry->path().string())) {
            auto amendments = read_directory(entry->path().string(), rank);
            if (!amendments)
                return amendments;
            std::move(amendments->begin(), amendments->end(), std::back_inserter(sources));
        }
    }
    if (error)
        return failure("cannot be read", error.value());
    return sources;
}

} // namespace enforced::ctl
