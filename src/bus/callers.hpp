// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "bus/message.hpp"

namespace enforced::bus {

/// Who is on the bus, by unique name. The bus never gives such a name twice.
class Callers {
  public:
    using Vanished = std::function<void(const std::string& name)>;
    using Found = std::function<void(std::optional<std::uint32_t> uid)>;

    /// Calls `vanished` for each name that leaves the bus.
    explicit Callers(Vanished vanished) : vanished_(std::move(vanished)) {}

    /// Begins to watch. The bus is a loan until `detach`.
    Status attach(sd_bus* bus);

    /// Forgets everything: what was asked is not answered any more.
    void detach();

    /// The uid, if it is known already.
    [[nodiscard]] std::optional<std::uint32_t> uid_of(const std::string& name) const;

    /// The process that connected under that name, if it is known; 0 otherwise.
    [[nodiscard]] std::uint32_t pid_of(const std::string& name) const;

    /// Finds out the uid; none if the name has left. It is known from then on until the name leaves.
    void find(const std::string& name, Found found);

  private:
    struct Search {
        Callers* callers;
        std::string name;
        std::vector<Found> waiting;
        Slot slot;
    };

    static int on_change(sd_bus_message* signal, void* self, sd_bus_error*);
    static int on_answer(sd_bus_message* reply, void* search, sd_bus_error*);

    Vanished vanished_;
    sd_bus* bus_ = nullptr;
    Slot match_;
    struct Credentials {
        std::uint32_t uid;
        std::uint32_t pid;
    };
    std::map<std::string, Credentials> known_;
    std::map<std::string, Search> searches_;
};

} // namespace enforced::bus
