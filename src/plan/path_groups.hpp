// SPDX-License-Identifier: GPL-2.0-or-later
/// The globs of file, exec and socket rules, grouped by what a match of any of them means.
#pragma once

#include <span>
#include <vector>

#include "plan/member.hpp"
#include "plan/nfa.hpp"

namespace enforced::plan {

struct PathGroup {
    enum class Kind {
        path,
        except,
        exec_allow,
        exec_deny,
        exec_except,
        library,
        socket_allow,
        socket_deny,
        socket_except
    };
    Kind kind = Kind::path;
    std::uint32_t member = 0;
    std::uint32_t index = 0; // of the file rule, or of the element of a deny list
    policy::Action action = policy::Action::allow;

    /// What a match can have a say in: bit access for the verdict by name, bit ACCESS_COUNT + access for the
    /// one by identity.
    std::uint32_t says = 0;
    /// The severest verdict that a match can bring about or take away, and its place among equal ones.
    enforced_verdict verdict = ENFORCED_ALLOW;
    std::uint32_t order = 0;
    /// Nothing that the same policy says takes away what a match brings about.
    bool firm = false;
};

class PathGroups {
  public:
    explicit PathGroups(std::span<const Member>);

    [[nodiscard]] const std::vector<PathGroup>& all() const { return groups_; }
    [[nodiscard]] const Nfa& nfa() const { return nfa_; }
    [[nodiscard]] const std::vector<const policy::Glob*>& globs() const { return globs_; }

    /// Whether, once a name matches `settled` whatever comes after it, it makes no difference whether it
    /// matches `other` as well.
    [[nodiscard]] bool absorbs(Nfa::Group settled, Nfa::Group other) const;

  private:
    void add(const PathGroup&, std::span<const policy::Glob>);
    void add_file(const Member&, std::uint32_t number);
    void add_exec(const Member&, std::uint32_t number);
    void add_sockets(const Member&, std::uint32_t number);

    std::vector<PathGroup> groups_;
    std::vector<const policy::Glob*> globs_;
    Nfa nfa_;
};

} // namespace enforced::plan
