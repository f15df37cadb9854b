// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/numbers.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace enforced::plan {
namespace {

ByteSet digits(char first, char last) {
    ByteSet set;
    for (char digit = first; digit <= last; digit++)
        set.set(static_cast<unsigned char>(digit));
    return set;
}

/// Grows the numbers from `first` to `last`, which have equally many digits, from their digit `at` on.
class Grower {
  public:
    Grower(Nfa& nfa, const std::string& first, const std::string& last)
        : nfa_(nfa), first_(first), last_(last) {}

    void grow(Nfa::Node from, std::size_t at, bool at_first, bool at_last) {
        if (at == first_.size()) {
            ends_.push_back(from);
            return;
        }
        char low = at_first ? first_[at] : '0', high = at_last ? last_[at] : '9';
        if (at_first && at_last && low == high) {
            grow(nfa_.step(from, digits(low, low)), at + 1, true, true);
            return;
        }
        if (at_first) {
            grow(nfa_.step(from, digits(low, low)), at + 1, true, false);
            low++;
        }
        if (at_last) {
            grow(nfa_.step(from, digits(high, high)), at + 1, false, true);
            high--;
        }
        if (low <= high)
            grow(nfa_.step(from, digits(low, high)), at + 1, false, false);
    }

    [[nodiscard]] const std::vector<Nfa::Node>& ends() const { return ends_; }

  private:
    Nfa& nfa_;
    const std::string& first_;
    const std::string& last_;
    std::vector<Nfa::Node> ends_;
};

} // namespace

Nfa::Node append_number(Nfa& nfa, Nfa::Node from, std::uint32_t first, std::uint32_t last) {
    std::vector<Nfa::Node> ends;

    for (std::uint64_t low = first, power = 10; low <= last; power *= 10) {
        if (low >= power)
            continue;
        const std::uint64_t high = std::min<std::uint64_t>(last, power - 1);
        const std::string lowest = std::to_string(low), highest = std::to_string(high);
        Grower grower(nfa, lowest, highest);
        grower.grow(from, 0, true, true);
        ends.insert(ends.end(), grower.ends().begin(), grower.ends().end());
        low = high + 1;
    }
    return nfa.join(std::move(ends));
}

} // namespace enforced::plan
