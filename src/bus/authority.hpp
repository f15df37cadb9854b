// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bus/message.hpp"
#include "bus/question.hpp"

namespace enforced::bus {

enum class Ruling {
    yes,
    no,
    challenge,   // yes, if somebody were asked: which the caller has not allowed
    unavailable, // nobody could say
};

/// polkit.
class Authority {
  public:
    using Ruled = std::function<void(Ruling)>;

    /// The bus is a loan until `detach`.
    void attach(sd_bus* bus) { bus_ = bus; }

    /// Withdraws all questions; they are not answered.
    void detach();

    /// Asks whether the owner of a bus name may do something. `interactive`: a person may be asked. `ruled`
    /// is called once, not before this returns. The number is for `withdraw`.
    std::uint64_t ask(const Question& question, const std::string& sender, bool interactive, Ruled ruled);

    /// The answer does not matter any more: a prompt that may be open goes.
    void withdraw(std::uint64_t number);

  private:
    struct Open {
        Authority* authority;
        std::uint64_t number;
        Ruled ruled;
        Slot slot;
    };

    static int on_answer(sd_bus_message* reply, void* open, sd_bus_error*);
    int send(const Question& question, const std::string& sender, bool interactive, Open& open);
    void cancel(std::uint64_t number);

    sd_bus* bus_ = nullptr;
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, std::unique_ptr<Open>> open_;
};

} // namespace enforced::bus
