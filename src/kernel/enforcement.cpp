// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/enforcement.hpp"

#include <fmt/format.h>

namespace enforced::kernel {
namespace {

constexpr const char* start_over =
    "What is in force stays so. To start over, which lifts it: enforced --release, "
    "then systemctl start enforced";

std::unexpected<Error> not_ours(const std::string& what, int code = 0) {
    return std::unexpected(Error{fmt::format("{}. {}", what, start_over), code});
}

} // namespace

Result<Enforcement> Enforcement::open(Site site) {
    Enforcement enforcement(std::move(site));

    if (auto described = check_types(); !described)
        return std::unexpected(described.error());
    auto grace = Grace::create();
    if (!grace)
        return std::unexpected(grace.error());
    enforcement.grace_ = std::move(*grace);
    if (auto done = enforcement.site_.pins.empty() ? enforcement.make_maps() : enforcement.take_pins(); !done)
        return std::unexpected(done.error());
    // Of one that died while its canary was out.
    enforcement.maps_->control().canary = 0;
    return enforcement;
}

Status Enforcement::make_maps() {
    auto maps = create_program_maps();
    if (!maps)
        return std::unexpected(maps.error());
    for (const MapShape& shape : own_shapes()) {
        auto map = create_map(shape);
        if (!map)
            return std::unexpected(map.error());
        maps->emplace(shape.name, std::move(*map));
    }
    auto owned = Maps::own(std::move(*maps));
    if (!owned)
        return std::unexpected(owned.error());
    owned->control().abi = ENFORCED_ABI_VERSION;
    maps_ = std::move(*owned);
    enforced_state state = {};
    state.build = build_fingerprint();
    if (auto done = maps_->state().put(0, state); !done)
        return done;
    return pins_ ? pins_->pin_maps(maps_->all()) : Status{};
}

Status Enforcement::check_maps(const std::map<std::string, Fd>& found) const {
    auto shapes = program_map_shapes();
    if (!shapes)
        return std::unexpected(shapes.error());
    for (const MapShape& own : own_shapes())
        shapes->push_back(own);
    for (const MapShape& shape : *shapes) {
        const auto map = found.find(shape.name);
        if (map == found.end())
            return not_ours(pins_->map_path(shape.name) + " is missing");
        if (auto fits = check_shape(map->second.get(), shape); !fits)
            return not_ours(fmt::format("{} {}", pins_->map_path(shape.name), fits.error().message));
    }
    return {};
}

Status Enforcement::take_pins() {
    auto pins = Pins::lock(site_.pins);
    if (!pins && pins.error().code == EWOULDBLOCK)
        return failure("another enforced is running; it holds " + site_.pins, 0);
    if (!pins)
        return std::unexpected(pins.error());
    pins_ = std::move(*pins);
    auto maps = pins_->open_maps();
    if (!maps)
        return not_ours(maps.error().message, maps.error().code);
    auto links = pins_->open_links();
    if (!links)
        return not_ours(links.error().message, links.error().code);
    if (maps->empty()) {
        if (!links->empty())
            return not_ours(pins_->link_path(links->begin()->first) + " is there, but none of our maps");
        return make_maps();
    }
    if (auto fits = check_maps(*maps); !fits)
        return fits;
    auto owned = Maps::own(std::move(*maps));
    if (!owned)
        return std::unexpected(owned.error());
    if (owned->control().abi != ENFORCED_ABI_VERSION)
        return not_ours(fmt::format("{} is of version {}, and this enforced knows only version {}",
                                    pins_->map_path("control"), owned->control().abi, ENFORCED_ABI_VERSION));
    if (auto taken = links_.adopt(std::move(*links), *pins_, owned->id("control")); !taken)
        return not_ours(taken.error().message, taken.error().code);
    maps_ = std::move(*owned);
    // A canary was seen at each of these before it was pinned, in this same run of the kernel.
    works_ = tried_ = needed_ = links_.pinned();
    renew_detached();
    return renew_links();
}

void Enforcement::renew_detached() {
    const HookSet detached = links_.detached();
    const auto faults = attach_anew(detached);

    for (const Hook& hook : hooks) {
        if (!detached.test(hook.number))
            continue;
        const auto fault = faults.find(hook.number);
        warnings_.push_back(
            fault == faults.end()
                ? fmt::format("{} had been detached by somebody, and is attached anew", hook.name)
                : fmt::format(
                      "{} was detached by somebody, and cannot be attached anew, so that what it would "
                      "refuse is permitted: {}",
                      hook.name, fault->second));
    }
}

/// Every step leaves a link in force for each hook, and may be done twice: a crash in between is made good by
/// the next start, which finds the old fingerprint.
Status Enforcement::renew_links() {
    auto state = maps_->state().find(0).value_or(enforced_state{});

    if (state.build == build_fingerprint())
        return {};
    if (auto loaded = load(links_.pinned()); !loaded)
        return loaded;
    for (const Hook& hook : hooks) {
        if (!links_.pinned().test(hook.number) || links_.detached().test(hook.number))
            continue;
        if (!programs_.loaded().test(hook.number)) {
            warnings_.push_back(fmt::format("{} goes on with the program of the version before: {}",
                                            hook.name, programs_.refusal(hook.number)));
        } else if (auto done = links_.replace(hook.number, programs_, *pins_); !done) {
            return done;
        }
    }
    state.build = build_fingerprint();
    return maps_->state().put(0, state);
}

Status Enforcement::load(const HookSet& wanted) {
    if ((wanted & ~programs_.loaded()).none())
        return {};
    if (site_.loading)
        site_.loading(true);
    auto done = programs_.load(wanted, *maps_);
    if (site_.loading)
        site_.loading(false);
    return done;
}

Status Enforcement::try_hooks(const HookSet& wanted) {
    const HookSet untried = wanted & ~tried_;

    if (untried.none())
        return {};
    if (auto loaded = load(untried); !loaded)
        return loaded;
    const HookSet loadable = untried & programs_.loaded();
    if (auto attached = links_.attach(loadable, programs_); !attached)
        return attached;
    auto sighting = sight(loadable);
    if (!sighting)
        return std::unexpected(sighting.error());
    for (const Hook& hook : hooks) {
        if (untried.test(hook.number))
            reasons_[hook.number] =
                loadable.test(hook.number) ? sighting->reasons[hook.number] : programs_.refusal(hook.number);
    }
    works_ |= sighting->works;
    tried_ |= untried;
    return links_.drop(loadable & ~sighting->works, nullptr);
}

Result<Sighting> Enforcement::sight(const HookSet& wanted) {
    auto sighting = send_canary(wanted, maps_->control(), site_.cgroup);
    if (sighting && wanted.test(ENFORCED_HOOK_iter_task))
        try_iterator(*sighting);
    return sighting;
}

std::map<enforced_hook, std::string> Enforcement::attach_anew(const HookSet& wanted) {
    std::map<enforced_hook, std::string> faults;
    const auto loaded = load(wanted);

    for (const Hook& hook : hooks) {
        if (!wanted.test(hook.number))
            continue;
        if (!loaded)
            faults[hook.number] = loaded.error().message;
        else if (!programs_.loaded().test(hook.number))
            faults[hook.number] = programs_.refusal(hook.number);
        else if (auto done = links_.renew(hook.number, programs_, pins_ ? &*pins_ : nullptr); !done)
            faults[hook.number] = done.error().message;
    }
    return faults;
}

Result<std::vector<Deafness>> Enforcement::check_hooks() {
    const HookSet wanted = needed_ & links_.attached();
    std::vector<Deafness> found;
    auto sighting = sight(wanted);

    if (!sighting)
        return std::unexpected(sighting.error());
    const HookSet deaf = wanted & ~sighting->works;
    if (deaf.none())
        return found;
    const auto faults = attach_anew(deaf);
    auto again = sight(deaf);
    if (!again)
        return std::unexpected(again.error());
    for (const Hook& hook : hooks) {
        if (!deaf.test(hook.number))
            continue;
        const bool works = again->works.test(hook.number);
        const auto fault = faults.find(hook.number);
        found.push_back({hook.name,
                         works || fault == faults.end() ? sighting->reasons[hook.number] : fault->second,
                         works});
        reasons_[hook.number] = again->reasons[hook.number];
    }
    return found;
}

/// An iterator is not asked by the kernel: whether it works is seen by having it run, and finding us.
void Enforcement::try_iterator(Sighting& sighting) {
    auto& control = maps_->control();
    std::string& reason = sighting.reasons[ENFORCED_HOOK_iter_task];

    control.canary = static_cast<std::uint32_t>(getpid());
    const auto ran = links_.run(ENFORCED_HOOK_iter_task);
    control.canary = 0;
    if (!ran)
        reason = ran.error().message;
    else if (!fired(control, ENFORCED_HOOK_iter_task))
        reason = "runs, but does not see every task";
    else
        reason.clear();
    sighting.works.set(ENFORCED_HOOK_iter_task, reason.empty());
}

/// Marks every task of a unit that is about to be governed as the unit's, so that none is free for having
/// been moved elsewhere before it asked for anything. A task that asked meanwhile, while its unit was not
/// entered yet, is waited for first: it would take the mark away again.
Status Enforcement::mark_tasks() {
    if (!links_.attached().test(ENFORCED_HOOK_iter_task))
        return {};
    if (auto waited = grace_->wait(); !waited)
        return waited;
    // A child that was made while its parent was not marked yet, with a number that had been passed already,
    // is met by the second round.
    for (int round = 0; round < 2; round++) {
        if (auto done = links_.run(ENFORCED_HOOK_iter_task); !done)
            return done;
    }
    return {};
}

Status Enforcement::bring_into_force(const plan::Plan& plan, std::span<const Identity> identities) {
    if (auto tried = try_hooks(plan.hooks); !tried)
        return tried;
    if (const HookSet missing = plan.hooks & ~works_; missing.any())
        return failure("the plan needs hooks that do not work here");
    if (auto attached = links_.attach(plan.hooks, programs_); !attached)
        return attached;
    if (auto written = write_plan(plan, identities, *maps_); !written)
        return written;
    if (pins_) {
        if (auto pinned = links_.pin(plan.hooks, *pins_); !pinned)
            return pinned;
    }
    if (auto marked = mark_tasks(); !marked)
        return marked;
    needed_ = plan.hooks;
    if (auto switched = switch_over(*maps_, *grace_); !switched)
        warnings_.push_back(switched.error().message);
    return settle();
}

Status Enforcement::update_anchors(std::span<const Identity> identities) {
    return replace_anchors(identities, *maps_, *grace_);
}

Result<std::size_t> Enforcement::pin_again() {
    std::map<std::string, int> wanted;

    if (!pins_)
        return 0;
    if (!pins_->reachable()) {
        auto elsewhere = Pins::lock(site_.pins);
        if (!elsewhere)
            return std::unexpected(elsewhere.error());
        pins_ = std::move(*elsewhere);
    }
    for (const auto& [name, fd] : maps_->all())
        wanted.emplace(pins_->map_path(name), fd.get());
    for (const Hook& hook : hooks) {
        if (links_.pinned().test(hook.number))
            wanted.emplace(pins_->link_path(hook.name), links_.fd(hook.number));
    }
    return pins_->pin_missing(wanted);
}

Status Enforcement::settle() {
    const HookSet unwanted = links_.attached() & ~needed_;
    // A link that was taken over came without a program: that has to be loaded, and tried, when it is wanted
    // anew.
    const HookSet taken_over = unwanted & ~programs_.loaded();

    works_ &= ~taken_over;
    tried_ &= ~taken_over;
    return links_.drop(unwanted, pins_ ? &*pins_ : nullptr);
}

} // namespace enforced::kernel
