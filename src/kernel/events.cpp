// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/events.hpp"

#include <bpf/libbpf.h>

namespace enforced::kernel {

void Events::Free::operator()(ring_buffer* ring) const {
    ring_buffer__free(ring);
}

int Events::take(void* context, void* data, std::size_t size) {
    auto& state = *static_cast<State*>(context);
    const auto& event = *static_cast<const enforced_event*>(data);

    if (size < sizeof(event) || event.version != ENFORCED_EVENT_VERSION)
        return 0;
    state.taken++;
    state.receiver(event);
    return 0;
}

Result<Events> Events::open(int map, Receiver receiver) {
    auto state = std::make_unique<State>(State{std::move(receiver)});
    ring_buffer* ring = ring_buffer__new(map, take, state.get(), nullptr);

    if (!ring)
        return failure("open the ring buffer of events", errno);
    return Events(std::move(state), ring);
}

int Events::fd() const {
    return ring_buffer__epoll_fd(ring_.get());
}

Result<std::size_t> Events::consume() {
    state_->taken = 0;
    const int result = ring_buffer__consume(ring_.get());
    if (result < 0)
        return failure("read the ring buffer of events", -result);
    return state_->taken;
}

} // namespace enforced::kernel
