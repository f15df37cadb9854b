// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/quote.hpp"
#include "bus/change.hpp"
#include "bus/dictionary.hpp"
#include "bus/fault.hpp"
#include "bus/names.hpp"

namespace enforced::bus {

/// A dictionary a{sv} from the bus, read key by key. A key that nobody takes is an error, as a change that
/// was to undo itself would otherwise stay for a slip of the pen.
class Options {
  public:
    explicit Options(const Dictionary& given) : given_(given) {}

    /// The value of a key, none if it is not there. A value of another type is a fault of `finish`.
    template<class T>
    std::optional<T> take(const std::string& key) {
        taken_.insert(key);
        const auto found = given_.find(key);
        if (found == given_.end())
            return {};
        if (found->second.template containsValueOfType<T>())
            return found->second.template get<T>();
        if (wrong_.empty())
            wrong_ =
                fmt::format("the option {} is of another type than {}", key, found->second.peekValueType());
        return {};
    }

    /// What is wrong with the dictionary, once all keys that are known were taken.
    [[nodiscard]] Answer<void> finish() const {
        if (!wrong_.empty())
            return fault(error::invalid_arguments, wrong_);
        for (const auto& [key, value] : given_) {
            if (!taken_.contains(key))
                return fault(error::invalid_arguments,
                             fmt::format("there is no option {}{}", quote(key), known()));
        }
        return {};
    }

  private:
    [[nodiscard]] std::string known() const {
        return taken_.empty() ? "; none is known" : fmt::format("; there are {}", fmt::join(taken_, ", "));
    }

    const Dictionary& given_;
    std::set<std::string> taken_;
    std::string wrong_;
};

/// The options of a change.
Answer<Terms> read_terms(const Dictionary& given);

/// Of a method that knows none.
Answer<void> expect_none(const Dictionary& given);

} // namespace enforced::bus
