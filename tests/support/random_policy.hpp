// SPDX-License-Identifier: GPL-2.0-or-later
/// Random policies over a small alphabet, so that random names often match, and match several rules at once.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "policy/types.hpp"

namespace enforced::test {

class Dice {
  public:
    explicit Dice(std::uint32_t seed) : engine_(seed) {}

    /// 0 to `sides` - 1.
    unsigned roll(unsigned sides) { return static_cast<unsigned>(engine_() % sides); }
    bool one_in(unsigned sides) { return roll(sides) == 0; }

    template<class T>
    const T& pick(const std::vector<T>& from) {
        return from[roll(static_cast<unsigned>(from.size()))];
    }

  private:
    std::mt19937 engine_;
};

std::string random_glob(Dice&);
/// An absolute name; as often as not one that `glob` was made to match.
std::string random_name(Dice&, const std::string& glob);

/// File and exec sections. All policies are for "test.service".
policy::Policy random_path_policy(Dice&, const std::string& name);
std::vector<std::string> globs_of(const policy::Policy&);

policy::Policy random_network_policy(Dice&, const std::string& name);

/// A destination's address, port and protocol; close to what one of the endpoints speaks of, or at its edge.
struct RandomDestination {
    std::vector<std::uint8_t> address; // 4 or 16 bytes
    std::uint16_t port;
    std::uint8_t protocol;
};
RandomDestination random_destination(Dice&, const policy::Policy&);

} // namespace enforced::test
