// SPDX-License-Identifier: GPL-2.0-or-later
/// Which policies govern a unit, on random names of units and on paths as systemd makes them.
#include <gtest/gtest.h>

#include <algorithm>

#include "plan/compile.hpp"
#include "plan/evaluate.hpp"
#include "support/naive.hpp"
#include "support/policy.hpp"
#include "support/random_policy.hpp"

namespace enforced::test {
namespace {

constexpr unsigned rounds = 250;
constexpr unsigned units_each = 440;

std::string word(Dice& dice) {
    static const std::vector<std::string> words{"a",     "b",   "ab",       "user", "s",
                                                "slice", "x.y", "enforced", "init"};
    return dice.pick(words);
}

std::string suffix(Dice& dice) {
    static const std::vector<std::string> suffixes{".service", ".service", ".scope", ".slice", ".slice"};
    return dice.pick(suffixes);
}

std::string random_unit_glob(Dice& dice) {
    static const std::vector<std::string> wild{"*", "?", "[ab]", "{a,b}", "{,-a}", "*-*", "-"};
    std::string glob;
    for (unsigned parts = 1 + dice.roll(3); parts > 0; parts--)
        glob += dice.one_in(3) ? dice.pick(wild) : word(dice);
    for (auto at = glob.find("**"); at != std::string::npos; at = glob.find("**"))
        glob.erase(at, 1);
    if (dice.one_in(8) && glob.ends_with("*"))
        return glob;
    return dice.one_in(20) ? "-.slice" : glob + suffix(dice);
}

/// The components of a unit's path: slices, each within the one that its name says, and the unit.
std::vector<std::string> random_unit(Dice& dice) {
    std::vector<std::string> components;
    std::string slice;
    for (unsigned depth = dice.roll(4); depth > 0; depth--) {
        slice += (slice.empty() ? "" : "-") + word(dice);
        components.push_back(slice + ".slice");
    }
    if (components.empty() || !dice.one_in(6)) {
        std::string name = word(dice) + (dice.one_in(3) ? "-" + word(dice) : "");
        components.push_back(name + (dice.one_in(2) ? ".service" : ".scope"));
    }
    return components;
}

std::vector<std::string> naive_governors(const std::vector<policy::Policy>& policies,
                                         const std::vector<std::string>& components) {
    std::vector<std::string> names;
    if (components.back() == "enforced.service" || components.back() == "init.scope")
        return names;
    for (const auto& policy : policies) {
        const auto governs = [&](const policy::Glob& glob) {
            return naive_match(glob.text, "-.slice") ||
                   std::ranges::any_of(components.begin(), components.end() - 1,
                                       [&](const auto& slice) { return naive_match(glob.text, slice); }) ||
                   naive_match(glob.text, components.back());
        };
        if (std::ranges::any_of(policy.units, governs))
            names.push_back(policy.name);
    }
    return names;
}

TEST(PlanUnitProperty, UnitsAreGovernedByTheirNamesAndTheirSlices) {
    Dice dice(20240503);
    std::size_t pairs = 0, governed = 0;
    for (unsigned round = 0; round < rounds; round++) {
        std::vector<policy::Policy> policies;
        for (unsigned i = 0, count = 1 + dice.roll(4); i < count; i++) {
            policies.push_back(policy_for("p" + std::to_string(i), {}));
            for (unsigned n = 1 + dice.roll(2); n > 0; n--)
                policies.back().units.push_back({.text = random_unit_glob(dice), .at = {}});
        }
        const auto plan = plan::compile(policies, every_hook());
        ASSERT_TRUE(plan) << plan.error().message;
        const plan::Evaluator evaluator(*plan);
        for (unsigned i = 0; i < units_each; i++, pairs++) {
            const auto components = random_unit(dice);
            std::string path;
            for (const auto& component : components)
                path += "/" + component;
            const auto set = evaluator.set_of(path);
            const auto expected = naive_governors(policies, components);
            std::string units;
            for (const auto& policy : policies)
                for (const auto& glob : policy.units)
                    units += "\n  " + policy.name + ": " + glob.text;
            ASSERT_EQ(plan->sets[set].policies, expected) << path << units;
            governed += !expected.empty();
        }
    }
    std::cout << pairs << " pairs, " << governed << " governed\n";
    EXPECT_GE(pairs, 100000U);
    EXPECT_GT(governed, pairs / 20);
    EXPECT_LT(governed, pairs * 19 / 20);
}

} // namespace
} // namespace enforced::test
