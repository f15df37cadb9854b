// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/inquiry.hpp"

#include <algorithm>

#include "base/packing.hpp"
#include "daemon/events.hpp"
#include "daemon/trespass.hpp"
#include "host/cgroup.hpp"
#include "host/confdir.hpp"
#include "plan/explain.hpp"

namespace enforced {

/// What packs and unpacks.
static void carry(auto& archive, bus::Remark& remark) {
    archive(remark.policy)(remark.key)(remark.text)(remark.file)(remark.line)(remark.what);
}

static void carry(auto& archive, bus::Proposal& change) {
    archive(change.kind)(change.policy)(change.file)(change.original)(change.line)(change.text);
}

template<class T>
static void carry_optional(auto& archive, std::optional<T>& value) {
    bool known = value.has_value();
    T content = value.value_or(T{});
    archive(known)(content);
    value = known ? std::optional(content) : std::nullopt;
}

static void carry(auto& archive, bus::Event& event) {
    archive(event.cursor)(event.id)(event.boot)(event.time)(event.message)(event.unit)(event.cgroup);
    archive(event.policy)(event.rule)(event.text)(event.file)(event.rule_id)(event.line);
    archive(event.class_)(event.verdict)(event.operation)(event.object)(event.flags)(event.count);
    carry_optional(archive, event.pid);
    carry_optional(archive, event.uid);
    carry_optional(archive, event.gid);
    archive(event.comm)(event.exe)(event.inode)(event.device);
}

static void carry(auto& archive, bus::Explanation& explanation) {
    carry(archive, explanation.event);
    carry_optional(archive, explanation.still);
    archive(explanation.governed_by)(explanation.refused_by)(explanation.allowed_by);
    archive(explanation.changes)(explanation.beyond)(explanation.obstacle);
}

namespace daemon {
namespace {

const char* word_of(enforced_verdict verdict) {
    switch (verdict) {
    case ENFORCED_ALLOW:
        return "allow";
    case ENFORCED_LOG:
        return "audit";
    case ENFORCED_WOULD_DENY:
        return "would-deny";
    case ENFORCED_WOULD_KILL:
        return "would-kill";
    case ENFORCED_DENY:
        return "deny";
    case ENFORCED_KILL:
        return "kill";
    }
    return "";
}

Result<bus::Event> find_event(const std::string& event, const std::string& directory) {
    const auto page = host::read_journal(journal_query(event), directory);
    if (!page)
        return std::unexpected(page.error());
    if (page->entries.empty())
        return failure("there is no such event in the journal, or not any more", ENOENT);
    return event_of(page->entries.front());
}

bus::Remark remark(const plan::Rule& rule, std::string what) {
    return {.policy = rule.policy,
            .key = rule.key,
            .text = rule.text,
            .file = rule.at.file,
            .line = rule.at.line,
            .what = std::move(what)};
}

/// Packages' files are not to be edited: a copy in /etc takes their place.
bus::Proposal proposal(const plan::Change& change) {
    const std::string& vendor = host::policy_directories.front();
    const std::string own = host::policy_directories.back() + "/" + change.file;
    bus::Proposal proposal{.kind = "amend",
                           .policy = change.policy,
                           .file = own,
                           .original = {},
                           .line = 0,
                           .text = change.text};
    if (change.kind == plan::Change::Kind::amend)
        return proposal;
    const bool foreign = change.at.file.starts_with(vendor + "/");
    proposal.kind = "replace";
    proposal.file = foreign ? own : change.at.file;
    proposal.original = foreign ? change.at.file : "";
    proposal.line = change.at.line;
    return proposal;
}

/// Events of an earlier version do not hold it.
std::string cgroup_of(const bus::Event& event, const std::vector<KnownUnit>& units) {
    const auto named = std::ranges::find_if(
        units, [&](const KnownUnit& unit) { return host::unit_name(unit.path) == event.unit; });
    return event.cgroup.empty() && named != units.end() ? named->path : event.cgroup;
}

std::vector<policy::Policy> policies_in_force(const PolicySet& set) {
    std::vector<policy::Policy> policies;
    std::ranges::copy_if(set.policies, std::back_inserter(policies),
                         [&](const policy::Policy& policy) { return !set.left_out.contains(policy.name); });
    return policies;
}

void judge(bus::Explanation& explanation, const Grounds& grounds) {
    const bus::Event& event = explanation.event;
    const auto operation = plan::operation_named(event.operation);
    const plan::Case what{
        cgroup_of(event, grounds.units),
        event.rule_id,
        {operation.value_or(ENFORCED_OP_READ), event.object, plan::flags_named(event.flags)}};

    if (event.class_ == self_protection) {
        explanation.obstacle = "no policy changes that: governed units do not touch enforced itself";
        return;
    }
    if (!grounds.set.plan) {
        explanation.obstacle = "what is in force is from before this daemon; systemctl reload enforced first";
        return;
    }
    if (!operation || (event.object.empty() && !event.pid)) {
        explanation.obstacle = "the record of what it was is lost";
        return;
    }
    if (what.cgroup.empty()) {
        explanation.obstacle = "which unit it was is not known any more";
        return;
    }
    auto found = plan::explain(policies_in_force(grounds.set), *grounds.set.plan, grounds.facts, what);
    if (grounds.set.released)
        explanation.still = false;
    else if (found.certain)
        explanation.still = found.now >= ENFORCED_WOULD_DENY;
    explanation.governed_by = std::move(found.governed_by);
    for (const plan::Objection& each : found.objections)
        explanation.refused_by.push_back(remark(each.rule, word_of(each.verdict)));
    for (const plan::Permit& each : found.permits)
        explanation.allowed_by.push_back(remark(each.rule, each.but));
    for (const plan::Change& each : found.changes)
        explanation.changes.push_back(proposal(each));
    explanation.beyond = std::move(found.beyond);
    explanation.obstacle = std::move(found.unless);
}

} // namespace

Result<bus::Explanation> inquire(const std::string& event, const Grounds& grounds,
                                 const std::string& directory) {
    bus::Explanation explanation;
    auto found = find_event(event, directory);
    if (!found)
        return std::unexpected(found.error());
    explanation.event = std::move(*found);
    judge(explanation, grounds);
    return explanation;
}

std::string pack(const bus::Explanation& explanation) {
    Packer packer;
    carry(packer, const_cast<bus::Explanation&>(explanation)); // it only reads
    return std::move(packer).text();
}

Result<bus::Explanation> unpack_explanation(std::string_view text) {
    bus::Explanation explanation;
    Unpacker unpacker(text);
    carry(unpacker, explanation);
    if (!unpacker.finished())
        return failure("the explanation is damaged");
    return explanation;
}

} // namespace daemon
} // namespace enforced
