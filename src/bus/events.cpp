// SPDX-License-Identifier: GPL-2.0-or-later
// What of Manager has to do with events. The answers are written by sd-bus itself (query.cpp says why), to
// the call that is being handled.
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "bus/manager.hpp"
#include "bus/names.hpp"
#include "bus/options.hpp"
#include "bus/query.hpp"

namespace enforced::bus {
namespace {

/// A call that is answered later, if at all.
class Pending {
  public:
    explicit Pending(sd_bus* bus) : call_(keep(sd_bus_get_current_message(bus))) {}

    void refuse(const Fault& fault) const { reply(call_.get(), fault); }

    template<class Value>
    void give(const Answer<Value>& answer) const {
        sd_bus_message* message = nullptr;
        if (!answer)
            return refuse(answer.error());
        int result = sd_bus_message_new_method_return(call_.get(), &message);
        const Message owner(message);
        if (result >= 0)
            result = append(message, *answer);
        if (result >= 0)
            result = sd_bus_send(nullptr, message, nullptr);
        if (result < 0)
            refuse({error::failed, fmt::format("the answer cannot be sent: {}", std::strerror(-result))});
    }

  private:
    std::shared_ptr<sd_bus_message> call_; // copies share the one answer that there is to give
};

} // namespace

void Manager::QueryEvents(sdbus::Result<std::vector<Dictionary>, std::string, bool>&&,
                          Dictionary filter, Dictionary options) {
    const Pending pending(bus_);
    const auto query = read_query(filter, options);
    if (!query)
        return pending.refuse(query.error());
    const auto asked = service_.query_events(
        *query, gate_.caller(), [pending](const Answer<EventPage>& page) { pending.give(page); });
    if (!asked)
        pending.refuse(asked.error());
}

void Manager::Explain(sdbus::Result<Dictionary>&&, std::string event, Dictionary options) {
    const Pending pending(bus_);
    if (const auto none = expect_none(options); !none)
        return pending.refuse(none.error());
    if (const auto checked = check_event(event); !checked)
        return pending.refuse(checked.error());
    const auto asked = service_.explain(
        event, gate_.caller(), [pending](const Answer<Explanation>& answer) { pending.give(answer); });
    if (!asked)
        pending.refuse(asked.error());
}

void Manager::Subscribe(const Dictionary& filter) {
    unwrap(feed_.subscribe(gate_.caller(), unwrap(read_filter(filter))));
}

void Manager::Unsubscribe() {
    feed_.unsubscribe(gate_.caller().name);
}

bool Manager::send(const std::string& name, const char* member,
                   const std::function<int(sd_bus_message*)>& fill) {
    sd_bus_message* message = nullptr;
    if (sd_bus_message_new_signal(bus_, &message, root_path, interface::manager, member) < 0)
        return false;
    const Message owner(message);
    return sd_bus_message_set_destination(message, name.c_str()) >= 0 && fill(message) >= 0 &&
           sd_bus_send(bus_, message, nullptr) >= 0;
}

bool Manager::send_event(const std::string& name, const Event& event) {
    return send(name, "Event", [&](sd_bus_message* message) { return append(message, event); });
}

bool Manager::send_end(const std::string& name, std::uint64_t unsent) {
    return send(name, "SubscriptionEnded",
                [&](sd_bus_message* message) { return sd_bus_message_append(message, "t", unsent); });
}

} // namespace enforced::bus
