// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/coverage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/policy.hpp"

namespace enforced::test {
namespace {

plan::Coverage of(std::string_view key, const plan::Facts& facts) {
    const auto all = plan::coverage(facts);
    const auto found = std::ranges::find(all, key, &plan::Coverage::key);
    return found == all.end() ? plan::Coverage{} : *found;
}

TEST(PlanCoverage, AWholeKernelHoldsEveryKey) {
    const auto all = plan::coverage(every_hook());
    EXPECT_EQ(all.size(), 7U + 3U + 5U + 1U + ENFORCED_KERNEL_KEYS);
    for (const auto& one : all) {
        EXPECT_EQ(one.needs, "") << one.key;
        EXPECT_EQ(one.gap, "") << one.key;
    }
}

TEST(PlanCoverage, SaysOfEachKeyWhatItWaitsOn) {
    auto facts = every_hook();
    facts.hooks.reset(ENFORCED_HOOK_path_mkdir);
    facts.hooks.reset(ENFORCED_HOOK_perf_event_open);
    EXPECT_EQ(of("file.create", facts).needs, "path_mkdir");
    EXPECT_EQ(of("kernel.perf", facts).needs, "perf_event_open");
    EXPECT_EQ(of("file.delete", facts).needs, "");
}

TEST(PlanCoverage, SaysWhatIsLeftOutOfWhatItHolds) {
    EXPECT_EQ(of("network.connect", no_lsm()).needs, "");
    EXPECT_EQ(of("network.connect", no_lsm()).gap,
              "protocols other than TCP and UDP, and processes that have left the unit's cgroup");
    EXPECT_EQ(of("exec", no_lsm()).needs, "bprm_check_security");
}

} // namespace
} // namespace enforced::test
