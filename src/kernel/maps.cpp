// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/maps.hpp"

#include <fmt/format.h>

namespace enforced::kernel {
namespace {

constexpr std::uint32_t logged_entries = 16384;    // as many as `repeats`
constexpr std::uint32_t accounted_entries = 65536; // as many as `counters`

MapShape hash(const char* name, std::uint32_t key_size, std::uint32_t value_size, std::uint32_t max_entries) {
    return {name, BPF_MAP_TYPE_HASH, key_size, value_size, max_entries, BPF_F_NO_PREALLOC};
}

/// All zero if it cannot be looked at.
bpf_map_info describe(int fd) {
    bpf_map_info info = {};
    std::uint32_t size = sizeof(info);

    if (bpf_obj_get_info_by_fd(fd, &info, &size))
        return {};
    return info;
}

} // namespace

std::vector<MapShape> own_shapes() {
    return {
        hash("rules", sizeof(std::uint32_t), sizeof(enforced_rule), ENFORCED_RULES),
        hash("logged", sizeof(std::uint64_t), sizeof(std::uint64_t), logged_entries),
        hash("accounted", sizeof(enforced_counter_key), sizeof(std::uint64_t), accounted_entries),
        {"state", BPF_MAP_TYPE_ARRAY, sizeof(std::uint32_t), sizeof(enforced_state), 1, 0},
    };
}

Result<Fd> create_map(const MapShape& shape) {
    LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = shape.flags);
    Fd fd(bpf_map_create(static_cast<bpf_map_type>(shape.type), shape.name.c_str(), shape.key_size,
                         shape.value_size, shape.max_entries, &options));

    if (!fd)
        return failure("create the map " + shape.name, errno);
    return fd;
}

Status check_shape(int fd, const MapShape& shape) {
    bpf_map_info info = {};
    std::uint32_t size = sizeof(info);

    if (bpf_obj_get_info_by_fd(fd, &info, &size))
        return failure("cannot be looked at", errno);
    const struct {
        const char* what;
        std::uint32_t have, want;
    } properties[] = {
        {"is of map type", info.type, shape.type},
        {"has a key size of", info.key_size, shape.key_size},
        {"has a value size of", info.value_size, shape.value_size},
        {"has a maximum of entries of", info.max_entries, shape.max_entries},
        {"has map flags", info.map_flags, shape.flags},
    };
    for (const auto& [what, have, want] : properties) {
        if (have != want)
            return failure(fmt::format("{} {}, not {}", what, have, want));
    }
    return {};
}

Result<Maps> Maps::own(std::map<std::string, Fd> fds) {
    auto control = Mapped<enforced_control>::map(fds["control"].get(), 1);
    if (!control)
        return std::unexpected(control.error());
    auto banks =
        Mapped<std::uint64_t>::map(fds["banks"].get(), std::size_t{2} * ENFORCED_BANKS * ENFORCED_BANK_CELLS);
    if (!banks)
        return std::unexpected(banks.error());
    return Maps(std::move(fds), std::move(*control), std::move(*banks));
}

int Maps::fd(const std::string& name) const {
    const auto found = fds_.find(name);
    return found == fds_.end() ? -1 : found->second.get();
}

std::size_t Maps::bytes(const std::string& name) const {
    const bpf_map_info info = describe(fd(name));
    return std::size_t{info.value_size} * info.max_entries;
}

std::uint32_t Maps::id(const std::string& name) const {
    return describe(fd(name)).id;
}

std::uint64_t Maps::statistic(enforced_statistic which) const {
    return Table<std::uint32_t, std::uint64_t>(fd("statistics")).find(which).value_or(0);
}

} // namespace enforced::kernel
