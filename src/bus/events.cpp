// SPDX-License-Identifier: GPL-2.0-or-later
// What of Manager has to do with events.
#include <memory>

#include "bus/manager.hpp"
#include "bus/names.hpp"
#include "bus/options.hpp"
#include "bus/query.hpp"

namespace enforced::bus {
namespace {

/// Copies share the one answer that there is to give.
template<class... Values>
class Pending {
  public:
    explicit Pending(sdbus::Result<Values...>&& result)
        : result_(std::make_shared<sdbus::Result<Values...>>(std::move(result))) {}

    void give(const Values&... values) const {
        try {
            result_->returnResults(values...);
        } catch (const sdbus::Error& error) { // such as a message that is too big
            refuse({error::failed, error.getMessage()});
        }
    }

    void refuse(const Fault& fault) const { result_->returnError(to_error(fault)); }

  private:
    std::shared_ptr<sdbus::Result<Values...>> result_;
};

sdbus::Signal create_signal(const sdbus::IObject& object, const char* name) {
    return object.createSignal(compat::interface_name(interface::manager), compat::signal_name(name));
}

} // namespace

void Manager::QueryEvents(sdbus::Result<std::vector<Dictionary>, std::string, bool>&& result,
                          Dictionary filter, Dictionary options) {
    const Pending pending(std::move(result));
    const auto query = read_query(filter, options);
    if (!query)
        return pending.refuse(query.error());
    const auto asked = service_.query_events(*query, gate_.caller(), [pending](Answer<EventPage> page) {
        if (!page)
            return pending.refuse(page.error());
        std::vector<Dictionary> events;
        for (const Event& event : page->events)
            events.push_back(wire(event));
        pending.give(events, page->cursor, page->more);
    });
    if (!asked)
        pending.refuse(asked.error());
}

void Manager::Explain(sdbus::Result<Dictionary>&& result, std::string event, Dictionary options) {
    const Pending pending(std::move(result));
    if (const auto none = expect_none(options); !none)
        return pending.refuse(none.error());
    if (const auto checked = check_event(event); !checked)
        return pending.refuse(checked.error());
    const auto asked =
        service_.explain(event, gate_.caller(), [pending](const Answer<Explanation>& explanation) {
            if (explanation)
                pending.give(wire(*explanation));
            else
                pending.refuse(explanation.error());
        });
    if (!asked)
        pending.refuse(asked.error());
}

void Manager::Subscribe(const Dictionary& filter) {
    unwrap(feed_.subscribe(gate_.caller(), unwrap(read_filter(filter))));
}

void Manager::Unsubscribe() {
    feed_.unsubscribe(gate_.caller().name);
}

bool Manager::send_event(const std::string& name, const Event& event) {
    try {
        auto signal = create_signal(getObject(), "Event");
        signal.setDestination(name);
        signal << wire(event);
        signal.send();
        return true;
    } catch (const sdbus::Error&) {
        return false;
    }
}

bool Manager::send_end(const std::string& name, std::uint64_t unsent) {
    try {
        auto signal = create_signal(getObject(), "SubscriptionEnded");
        signal.setDestination(name);
        signal << unsent;
        signal.send();
        return true;
    } catch (const sdbus::Error&) {
        return false;
    }
}

} // namespace enforced::bus
