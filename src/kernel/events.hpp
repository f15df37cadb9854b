// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "abi/event.h"
#include "base/result.hpp"

struct ring_buffer;

namespace enforced::kernel {

/// Reads the ring buffer in which the programs announce what they refused. There is one reader at a time:
/// what it has taken is gone, also for the daemon after it.
class Events {
  public:
    using Receiver = std::function<void(const enforced_event&)>;

    /// `map` is a loan for the moment.
    static Result<Events> open(int map, Receiver receiver);

    /// A loan: readable when there are events.
    [[nodiscard]] int fd() const;

    /// Hands over all there are. Returns how many; records of another version are left out, and not counted.
    Result<std::size_t> consume();

  private:
    struct State {
        Receiver receiver;
        std::size_t taken = 0;
    };
    struct Free {
        void operator()(ring_buffer* ring) const;
    };

    Events(std::unique_ptr<State> state, ring_buffer* ring) : state_(std::move(state)), ring_(ring) {}

    static int take(void* context, void* data, std::size_t size);

    std::unique_ptr<State> state_; // at an address that does not move
    std::unique_ptr<ring_buffer, Free> ring_;
};

} // namespace enforced::kernel
