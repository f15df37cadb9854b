// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/grace.hpp"

#include <bpf/bpf.h>

#include <cstdint>

namespace enforced::kernel {

Result<Grace> Grace::create() {
    Fd inner(bpf_map_create(BPF_MAP_TYPE_ARRAY, "grace_inner", sizeof(std::uint32_t), sizeof(std::uint32_t),
                            1, nullptr));
    if (!inner)
        return failure("create a map", errno);
    LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = static_cast<std::uint32_t>(inner.get()));
    Fd outer(bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "grace", sizeof(std::uint32_t), sizeof(std::uint32_t),
                            1, &options));
    if (!outer)
        return failure("create a map of maps", errno);
    return Grace(std::move(inner), std::move(outer));
}

Status Grace::wait() {
    const std::uint32_t key = 0;
    const int value = inner_.get();

    if (bpf_map_update_elem(outer_.get(), &key, &value, BPF_ANY))
        return failure("wait for running programs", errno);
    return {};
}

} // namespace enforced::kernel
