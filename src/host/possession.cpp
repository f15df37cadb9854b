// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/possession.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

namespace enforced::host {
namespace {

constexpr std::size_t max_searched = 4096;

// A file of these that has a second name elsewhere is ours there, too.
const std::vector<std::string> directories = {"/etc/enforced", "/run/enforced", "/usr/lib/enforced"};

const std::vector<std::string> unit_directories = {
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system"};

std::vector<std::string> own_paths() {
    std::vector<std::string> paths = {"/sys/fs/bpf/enforced", "/usr/share/dbus-1/system.d/org.enforced1.conf",
                                      "/usr/share/polkit-1/actions/org.enforced1.policy"};
    for (const std::string& directory : unit_directories) {
        for (const char* name :
             {"/enforced.service", "/enforced.service.d", "/sysinit.target.wants/enforced.service"})
            paths.push_back(directory + name);
    }
    return paths;
}

class Search {
  public:
    explicit Search(const std::vector<Mount>& mounts) : mounts_(mounts) {}

    void add(const std::string& path, Possession::Kind kind) {
        for (std::size_t end = 0; end != path.npos && end + 1 < path.size(); end = path.find('/', end + 1))
            enter(end ? path.substr(0, end) : "/", Possession::Kind::above);
        enter(path, kind);
    }

    void search(const std::string& path) {
        std::error_code error;
        std::size_t count = 0;
        for (std::filesystem::recursive_directory_iterator each(path, error), end;
             !error && each != end && count < max_searched; each.increment(error), count++) {
            // A file is known by the directory that it is in. By its own number only where it has another
            // name: the number of one that is deleted may be somebody else's new file's before we look again.
            if (each->is_directory(error) || (each->is_regular_file(error) && !each->is_symlink(error) &&
                                              each->hard_link_count(error) > 1))
                enter(each->path(), Possession::Kind::own);
        }
    }

    [[nodiscard]] std::vector<Possession> found() const {
        std::vector<Possession> all;
        for (const auto& [object, kind] : found_)
            all.push_back({object, kind});
        return all;
    }

  private:
    /// What is on the way to one thing may be another: that says more.
    void enter(const std::string& path, Possession::Kind kind) {
        const auto object = find_object(path, mounts_);
        if (!object)
            return;
        const auto [known, fresh] = found_.try_emplace(*object, kind);
        if (!fresh && (known->second == Possession::Kind::above || kind == Possession::Kind::program))
            known->second = kind;
    }

    const std::vector<Mount>& mounts_;
    std::map<Object, Possession::Kind> found_;
};

} // namespace

std::vector<Possession> find_possessions(const std::vector<Mount>& mounts,
                                         const std::vector<std::string>& own,
                                         const std::vector<std::string>& searched,
                                         const std::string& program) {
    Search search(mounts);

    for (const std::string& path : own)
        search.add(path, Possession::Kind::own);
    for (const std::string& path : searched) {
        search.add(path, Possession::Kind::own);
        search.search(path);
    }
    search.add(program, Possession::Kind::program);
    return search.found();
}

std::vector<Possession> find_possessions(const std::vector<Mount>& mounts, const std::string& program) {
    return find_possessions(mounts, own_paths(), directories, program);
}

} // namespace enforced::host
