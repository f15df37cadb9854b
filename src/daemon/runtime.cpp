// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/runtime.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/quote.hpp"
#include "bus/names.hpp"
#include "host/confdir.hpp"

namespace enforced::daemon {
namespace {

using bus::Answer;
using policy::Source;
using Sources = std::vector<Source>;

constexpr unsigned runtime_rank = 1, local_rank = 2;
// They are read late, so that nothing else sets the mode after them; the runtime one after the permanent one.
constexpr const char* runtime_mode_file = "zz-runtime-mode.toml";
constexpr const char* local_mode_file = "zz-mode.toml";

std::string file_name(const std::string& policy) {
    return policy + ".toml";
}

/// Where a file of the layer lies.
Source place(unsigned rank, const std::string& policy, const std::string& amendment = {}) {
    Source source;
    source.rank = rank;
    source.basename = file_name(policy);
    source.path = host::policy_directories[rank] + "/" + source.basename;
    if (!amendment.empty()) {
        source.amends = source.basename;
        source.basename = amendment;
        source.path += ".d/" + amendment;
    }
    return source;
}

bool same_place(const Source& one, const Source& other) {
    return one.rank == other.rank && one.basename == other.basename && one.amends == other.amends;
}

const Source* find(const Sources& sources, const Source& where) {
    const auto found =
        std::ranges::find_if(sources, [&](const Source& each) { return same_place(each, where); });
    return found == sources.end() ? nullptr : &*found;
}

bool belongs_to(const Source& source, const std::string& policy) {
    return (source.amends.empty() ? source.basename : source.amends) == file_name(policy);
}

/// What grows into an edit.
class Draft {
  public:
    explicit Draft(const Sources& sources) : edit_{sources, {}, {}} {}

    void write(Source source, std::string text) {
        std::erase_if(edit_.sources, [&](const Source& each) { return same_place(each, source); });
        source.text = std::move(text);
        edit_.files.push_back({source.path, source.text, false});
        edit_.sources.push_back(std::move(source));
    }

    /// What is not there is removed already.
    void remove(const Source& where) {
        const auto count =
            std::erase_if(edit_.sources, [&](const Source& each) { return same_place(each, where); });
        if (count)
            edit_.files.push_back({where.path, {}, false});
    }

    void expect_nothing_at(const Source& where) { edit_.absent.push_back(where.path); }

    [[nodiscard]] const Sources& sources() const { return edit_.sources; }
    [[nodiscard]] Edit take() && { return std::move(edit_); }

  private:
    Edit edit_;
};

/// What the local layer says is the administrator's, and beats all else.
Answer<void> expect_unshadowed(const Sources& sources, const std::string& policy, const char* advice) {
    if (const Source* local = find(sources, place(local_rank, policy)))
        return bus::fault(bus::error::shadowed, fmt::format("{} has the say; {}", local->path, advice));
    return {};
}

Answer<Edit> load(const Sources& sources, const bus::Change& change) {
    Draft draft(sources);
    if (auto checked = expect_unshadowed(sources, change.policy, "edit that file, and reload"); !checked)
        return std::unexpected(checked.error());
    if (change.text.empty())
        return bus::fault(bus::error::bad_policy, "the text is empty; to lift a policy, unload it");
    draft.expect_nothing_at(place(local_rank, change.policy));
    draft.write(place(runtime_rank, change.policy), change.text);
    return std::move(draft).take();
}

Answer<Edit> unload(const Sources& sources, const bus::Change& change) {
    Draft draft(sources);
    if (policy::parts_of(sources, file_name(change.policy)).empty())
        return bus::fault(bus::error::no_such_policy, "there is no policy " + quote(change.policy));
    if (auto checked =
            expect_unshadowed(sources, change.policy,
                              "to lift the policy until the next boot, set its mode to off; to lift it "
                              "for good, remove that file, and reload");
        !checked)
        return std::unexpected(checked.error());
    draft.remove(place(runtime_rank, change.policy, runtime_mode_file));
    draft.remove(place(runtime_rank, change.policy));
    // What is left of it, of a package or amendments of whomever, is masked.
    if (std::ranges::any_of(draft.sources(),
                            [&](const Source& source) { return belongs_to(source, change.policy); }))
        draft.write(place(runtime_rank, change.policy), {});
    return std::move(draft).take();
}

Answer<Edit> set_mode(const Sources& sources, const bus::Change& change) {
    Draft draft(sources);
    const Source amendment = place(runtime_rank, change.policy, runtime_mode_file);
    if (policy::parts_of(sources, file_name(change.policy)).empty())
        return bus::fault(bus::error::no_such_policy, "there is no policy " + quote(change.policy));
    if (change.mode.empty())
        draft.remove(amendment);
    else
        draft.write(amendment, fmt::format("mode = \"{}\"\n", change.mode));
    return std::move(draft).take();
}

Answer<Edit> make_permanent(const Sources& sources, const bus::Change& change) {
    Draft draft(sources);
    std::vector<Source> runtime;
    std::ranges::copy_if(sources, std::back_inserter(runtime), [&](const Source& source) {
        return source.rank == runtime_rank && belongs_to(source, change.policy);
    });
    if (runtime.empty())
        return bus::fault(bus::error::not_runtime,
                          fmt::format("there is nothing of policy {} in {}", quote(change.policy),
                                      host::policy_directories[runtime_rank]));
    for (const Source& source : runtime) {
        const bool mode = source.basename == runtime_mode_file;
        const Source local =
            place(local_rank, change.policy,
                  source.amends.empty() ? std::string() : (mode ? local_mode_file : source.basename));
        if (const Source* there = find(sources, local); there && !mode)
            return bus::fault(bus::error::shadowed,
                              fmt::format("{} is there already, and has the say", there->path));
        draft.write(local, source.text);
    }
    // After all that is written: a crash between leaves both, which say the same.
    for (const Source& source : runtime)
        draft.remove(source);
    return std::move(draft).take();
}

} // namespace

bus::Answer<Edit> edit(const Sources& sources, const bus::Change& change) {
    switch (change.verb) {
    case bus::Verb::load:
        return load(sources, change);
    case bus::Verb::unload:
        return unload(sources, change);
    case bus::Verb::mode:
        return set_mode(sources, change);
    case bus::Verb::make_permanent:
        return make_permanent(sources, change);
    case bus::Verb::reload:
    case bus::Verb::release:
        break;
    }
    return Edit{sources, {}, {}};
}

host::PolicyFile file_at(const Sources& sources, const std::string& path) {
    for (const Source& source : sources) {
        if (source.path == path)
            return {path, source.masked ? std::nullopt : std::optional(source.text), source.masked};
    }
    return {path, {}, false};
}

Sources sources_to_check(const Sources& sources, const std::string& policy, const std::string& text) {
    Sources related;
    Source own = place(local_rank, policy);
    std::ranges::copy_if(sources, std::back_inserter(related), [&](const Source& source) {
        return !source.amends.empty() && belongs_to(source, policy);
    });
    own.path = file_name(policy);
    own.text = text;
    related.push_back(std::move(own));
    return related;
}

std::string runtime_mode(const Sources& sources, const std::string& policy) {
    const Source* amendment = find(sources, place(runtime_rank, policy, runtime_mode_file));
    for (const char* mode : {"enforce", "audit", "off"}) {
        if (amendment && amendment->text == fmt::format("mode = \"{}\"\n", mode))
            return mode;
    }
    return {};
}

} // namespace enforced::daemon
