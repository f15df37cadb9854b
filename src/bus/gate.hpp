// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "bus/authority.hpp"
#include "bus/callers.hpp"
#include "bus/change.hpp"
#include "bus/message.hpp"
#include "bus/question.hpp"
#include "bus/view.hpp"

namespace enforced::bus {

/// Stands before everything that can be called on the connection. sd-bus hands it each message before it
/// looks for an object, and none is let through without what the table (table.hpp) demands of it. Root may do
/// everything; of others polkit is asked, while the loop goes on. The call waits as it came: what is asked
/// about is what is done. When the answer is there it is begun anew, so that its object is looked up then.
class Gate {
  public:
    /// How many calls of one user may wait for an answer at a time, and of one connection for its uid.
    static constexpr std::size_t max_waiting = 16;

    /// All are loans for as long as this is used. `governed` says whether a policy governs a process.
    Gate(const View& view, Callers& callers, Authority& authority,
         std::function<bool(std::uint32_t pid)> governed)
        : view_(view), callers_(callers), authority_(authority), governed_(std::move(governed)) {}

    Status attach(sd_bus* bus);
    void detach();

    /// Drops what a caller who has left still waits for.
    void vanished(const std::string& name);

    /// Whose call is being handled. The uid of one whom nobody had to be asked about may be unknown:
    /// 0xffffffff.
    [[nodiscard]] const Caller& caller() const { return caller_; }

  private:
    struct Waiting {
        Message call;
        Question question;
        Caller caller;
        std::uint64_t number = 0; // of the authority's; 0 once it has answered
    };
    using Calls = std::map<sd_bus_message*, Waiting>;

    static int on_message(sd_bus_message* message, void* self, sd_bus_error*);
    bool meet(sd_bus_message* call);
    bool judge(sd_bus_message* call, Question question);
    void identify(sd_bus_message* call, const std::string& sender);
    void ask(sd_bus_message* call, Question question, Caller caller);
    void ruled(sd_bus_message* call, Ruling ruling);
    void begin_anew(sd_bus_message* call);
    void refuse(sd_bus_message* call, const Fault& fault);

    const View& view_;
    Callers& callers_;
    Authority& authority_;
    std::function<bool(std::uint32_t)> governed_;
    sd_bus* bus_ = nullptr;
    Slot filter_;
    Calls waiting_;                                   // for polkit
    Calls permitted_;                                 // by polkit, and about to be handled
    std::map<sd_bus_message*, Message> unidentified_; // whose sender's uid is being found out
    Caller caller_;
};

} // namespace enforced::bus
