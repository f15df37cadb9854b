// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/constants.hpp"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/btf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace enforced::kernel {
namespace {

/// Addresses of the two locks; what the kernel does not show stays 0.
std::map<std::string, std::uint64_t> find_locks() {
    std::map<std::string, std::uint64_t> wanted{{"rename_lock", 0}, {"mount_lock", 0}};
    std::ifstream symbols("/proc/kallsyms");
    std::size_t missing = wanted.size();
    std::string line;

    while (missing && std::getline(symbols, line)) {
        // ffffffff8e409600 D rename_lock, and for what belongs to a module another column
        const std::size_t name = line.rfind(' ');
        if (name == line.npos || line.find('\t') != line.npos)
            continue;
        const auto found = wanted.find(line.substr(name + 1));
        if (found == wanted.end() || found->second)
            continue;
        found->second = std::strtoull(line.c_str(), nullptr, 16);
        missing--;
    }
    return wanted;
}

/// Whether the hook inode_setattr takes an idmap before the dentry: three parameters instead of two.
bool setattr_has_idmap() {
    btf* types = btf__load_vmlinux_btf();
    bool has = false;

    if (!types)
        return false;
    const int function = btf__find_by_name_kind(types, "bpf_lsm_inode_setattr", BTF_KIND_FUNC);
    if (function > 0)
        has = btf_vlen(btf__type_by_id(types, btf__type_by_id(types, function)->type)) == 3;
    btf__free(types);
    return has;
}

/// Writes a constant of the programs by its name.
Status set_constant(bpf_object* object, std::string_view name, const void* value, std::size_t size) {
    const btf* types = bpf_object__btf(object);
    const int section = btf__find_by_name_kind(types, ".rodata", BTF_KIND_DATASEC);
    bpf_map* map = nullptr;

    if (section < 0)
        return failure("the BPF object has no constants");
    bpf_object__for_each_map(map, object) {
        if (!std::string_view(bpf_map__name(map)).ends_with(".rodata"))
            continue;
        const btf_type* variables = btf__type_by_id(types, section);
        std::size_t room = 0;
        const auto* bytes = static_cast<const char*>(bpf_map__initial_value(map, &room));
        for (unsigned i = 0; bytes && i < btf_vlen(variables); i++) {
            const btf_var_secinfo& variable = btf_var_secinfos(variables)[i];
            if (name != btf__name_by_offset(types, btf__type_by_id(types, variable.type)->name_off))
                continue;
            if (variable.size != size || variable.offset + size > room)
                return failure(fmt::format("the constant {} of the BPF object has another size", name));
            std::vector<char> changed(bytes, bytes + room);
            std::memcpy(changed.data() + variable.offset, value, size);
            if (bpf_map__set_initial_value(map, changed.data(), changed.size()))
                return failure(fmt::format("set the constant {} of the BPF object", name), errno);
            return {};
        }
    }
    return failure(fmt::format("the BPF object has no constant {}", name));
}

} // namespace

Status set_constants(bpf_object* object) {
    const bool has_idmap = setattr_has_idmap();

    for (const auto& [name, address] : find_locks()) {
        if (const auto set = set_constant(object, name, &address, sizeof(address)); !set)
            return set;
    }
    return set_constant(object, "setattr_has_idmap", &has_idmap, sizeof(has_idmap));
}

bool names_can_be_trusted() {
    const auto locks = find_locks();
    return std::ranges::all_of(locks, [](const auto& lock) { return lock.second != 0; });
}

} // namespace enforced::kernel
