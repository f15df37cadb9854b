// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/units.hpp"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <memory>
#include <string_view>

#include "plan/evaluate.hpp"
#include "plan/manager.hpp"

namespace enforced::daemon {
namespace {

enforced_unit entry_for(const std::string& path, std::uint64_t manager) {
    enforced_unit unit = {};

    unit.manager = manager;
    unit.path_length = static_cast<std::uint32_t>(path.size());
    unit.name_offset = static_cast<std::uint32_t>(path.rfind('/') + 1);
    std::memcpy(unit.path, path.data(), path.size());
    return unit; // generation 0: the programs find out its set
}

} // namespace

std::size_t Units::enter(const plan::Plan& plan) {
    const plan::Evaluator evaluator(plan);
    std::map<std::string, std::uint64_t, std::less<>> ids;      // of the cgroups, by path
    std::map<std::string, std::uint64_t, std::less<>> governed; // units, by path; 0: not governed
    auto units = maps_.units();
    auto cgroups = maps_.cgroups();

    for (const host::Cgroup& cgroup : tree_.list()) { // a unit comes before what is below it
        ids[cgroup.path] = cgroup.id;
        const std::string_view system = host::unit_of(cgroup.path), users = host::user_unit_of(cgroup.path);
        // A user's unit is one of its own only where that makes a difference; see lib/subject.h.
        const bool differs =
            !users.empty() && plan.names.user_units && evaluator.set_of(users) != evaluator.set_of(system);
        const std::string_view path = differs ? users : system;
        if (path.empty() || path.size() > ENFORCED_UNIT_PATH_MAX)
            continue;
        if (path == cgroup.path) {
            governed[cgroup.path] = evaluator.set_of(path) ? cgroup.id : 0;
            if (governed[cgroup.path])
                (void)units.put(cgroup.id,
                                differs ? entry_for(plan::spell_unit(path), ids[std::string(system)])
                                        : entry_for(std::string(path), 0),
                                BPF_NOEXIST);
        }
        const auto unit = governed.find(path);
        if (unit != governed.end() && unit->second)
            (void)cgroups.put(cgroup.id, {unit->second});
    }
    return static_cast<std::size_t>(
        std::ranges::count_if(governed, [](const auto& unit) { return unit.second; }));
}

std::size_t Units::count_governed() const {
    const auto units = maps_.units().entries();
    std::set<std::uint64_t> there;

    for (const host::Cgroup& cgroup : tree_.list())
        there.insert(cgroup.id);
    return static_cast<std::size_t>(std::ranges::count_if(units, [&](const auto& entry) {
        // Nothing found: entered by a daemon, since the plan named it, and not asked about yet.
        return (entry.second.found >> 32 || !entry.second.found) && there.contains(entry.first);
    }));
}

std::vector<KnownUnit> Units::known() const {
    std::vector<KnownUnit> found;

    for (const auto& [id, unit] : maps_.units().entries()) {
        const std::size_t length = std::min<std::size_t>(unit.path_length, sizeof(unit.path));
        std::string path = plan::unit_path({unit.path, length});
        if (tree_.id_of(path) == id)
            found.push_back({id, std::move(path)});
    }
    std::ranges::sort(found, {}, &KnownUnit::path);
    return found;
}

bool Units::governs(std::uint32_t pid) const {
    const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    const auto label = process ? maps_.labels().find(process.get()) : std::nullopt;

    if (!process)
        return true;
    if (!label || label->phase != ENFORCED_PAYLOAD || !label->unit)
        return false;
    const auto unit = maps_.units().find(label->unit);
    const auto set = unit ? maps_.sets().find(static_cast<std::uint32_t>(unit->found >> 32)) : std::nullopt;
    return unit && (!unit->found || (unit->found >> 32 && set && !(set->flags & ENFORCED_SET_AUDIT)));
}

std::set<std::uint64_t> Units::units_of_processes() const {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir("/proc"), closedir);
    std::set<std::uint64_t> found;

    while (const dirent* entry = stream ? readdir(stream.get()) : nullptr) {
        int pid = 0;
        const std::string_view name = entry->d_name;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc{})
            continue;
        const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
        const auto label = process ? maps_.labels().find(process.get()) : std::nullopt;
        if (label && label->unit)
            found.insert(label->unit);
    }
    return found;
}

void Units::forget_gone() {
    auto cgroups = maps_.cgroups();
    auto units = maps_.units();
    // What was entered before the tree is listed is in the list, or gone.
    const auto known_cgroups = cgroups.entries();
    const auto known_units = units.entries();
    std::set<std::uint64_t> there, gone;

    for (const host::Cgroup& cgroup : tree_.list())
        there.insert(cgroup.id);
    for (const auto& [id, ignored] : known_cgroups) {
        if (!there.contains(id))
            cgroups.remove(id);
    }
    for (const auto& [id, ignored] : known_units) {
        if (!there.contains(id))
            gone.insert(id);
    }
    // A child may be born, and its parent end, while the processes are gone through: only what had none twice
    // in a row is removed.
    for (const std::uint64_t id : gone.empty() ? gone : units_of_processes())
        gone.erase(id);
    for (const std::uint64_t id : gone) {
        if (gone_.contains(id))
            units.remove(id);
    }
    gone_ = std::move(gone);
}

} // namespace enforced::daemon
