// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "bus/authority.hpp"
#include "bus/callers.hpp"
#include "bus/event.hpp"
#include "bus/feed.hpp"
#include "bus/gate.hpp"
#include "bus/link.hpp"
#include "bus/service.hpp"
#include "bus/tree.hpp"
#include "bus/view.hpp"

struct sd_event;

namespace enforced::bus {

/// The daemon on D-Bus: what it shows, and what it is asked to do. Without a bus it does nothing, and nobody
/// has to care.
class Bus {
  public:
    struct Events {
        std::function<void()> up;                          // the connection is there
        std::function<void()> down;                        // it is lost, and all callers with it
        std::function<void(const std::string& name)> left; // a caller has left the bus
        std::function<void(int priority, const std::string& text)> said; // for the log
    };

    /// The loop and the service are loans for as long as this is used.
    static Result<std::unique_ptr<Bus>> create(sd_event* event, Service& service, Events events);

    /// Shows something else from now on, and tells everyone in what it differs.
    void publish(View view);
    /// Tells those who subscribed.
    void publish(const Event& event) { feed_.publish(event); }
    [[nodiscard]] const View& view() const { return view_; }

    /// What tells this bus from another, or from the same after a restart; empty without a connection.
    [[nodiscard]] std::string id() const;

    /// Finds out whose a name is that was on this bus; none if it has left.
    void find(const std::string& name, Callers::Found found) { callers_.find(name, std::move(found)); }

  private:
    Bus(Service& service, Events events);

    Status up(sdbus::IConnection& connection, sd_bus* bus);
    void down();

    Service& service_;
    Events events_;
    View view_;
    Callers callers_;
    Authority authority_;
    Gate gate_;
    Feed feed_;
    std::unique_ptr<Link> link_;
    std::optional<Tree> tree_; // while there is a connection; destroyed before it
};

} // namespace enforced::bus
