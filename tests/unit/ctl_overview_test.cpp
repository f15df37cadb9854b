// SPDX-License-Identifier: GPL-2.0-or-later
/// The pages that people read: status and explain.
#include <gtest/gtest.h>

#include <clocale>
#include <cstdlib>
#include <ctime>

#include "ctl/exit.hpp"
#include "ctl/explanation.hpp"
#include "ctl/output/document.hpp"
#include "ctl/overview.hpp"
#include "ctl/tables.hpp"

namespace enforced::ctl {
namespace {

constexpr std::uint64_t now = 1'769'868'309'000'000; // Sat 2026-01-31 14:05:09

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class Pages : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        std::setlocale(LC_ALL, "C.UTF-8");
        setenv("TZ", "UTC0", 1);
        tzset();
    }

    static Overview usual() {
        Overview overview;
        overview.manager.version = "0.1.0";
        overview.manager.state = "enforcing";
        overview.manager.status = "1 policy in force for 1 unit";
        PolicyState policy;
        policy.name = "nginx";
        policy.mode = "enforce";
        policy.state = "in-force";
        policy.layer = "local";
        policy.units = {"nginx.service"};
        policy.governed_units = {"nginx.service"};
        overview.policies = {policy};
        overview.units = {usual_unit()};
        return overview;
    }

    static UnitState usual_unit() {
        UnitState unit;
        unit.name = "nginx.service";
        unit.mode = "enforce";
        unit.control_group = "/system.slice/nginx.service";
        unit.policies = {"nginx"};
        unit.hits = {{"refused", 3}, {"killed", 0}};
        unit.coverage = {{"nginx", "file", "enforced", "", ""}};
        Rule rule;
        rule.policy = "nginx";
        rule.key = "file.rule[0]";
        rule.text = "path = [\"/srv/private/**\"]";
        rule.file = "/etc/enforced/policy.d/nginx.toml";
        rule.line = 3;
        rule.hits = 3;
        unit.rules = {rule};
        return unit;
    }

    static Event usual_event() {
        Event event;
        event.time = now;
        event.unit = "nginx.service";
        event.verdict = "deny";
        event.message = "refused: nginx[812] may not read /srv/private/x";
        event.cursor = "s=1;i=2";
        return event;
    }
};

TEST_F(Pages, StatusIsShortIfAllIsWell) {
    EXPECT_EQ(draw(usual(), {}, now), "* enforced 0.1.0: enforcing\n"
                                      "  1 policy in force for 1 unit\n"
                                      "\nPolicies\n"
                                      "  POLICY  MODE     STATE     LAYER  GOVERNS        DESCRIPTION\n"
                                      "  nginx   enforce  in-force  local  nginx.service\n"
                                      "\nUnits\n"
                                      "  UNIT           MODE     POLICIES  COVERAGE  REFUSED  WOULD BE\n"
                                      "  nginx.service  enforce  nginx     complete        3         0\n");
}

TEST_F(Pages, StatusSaysWhatIsPendingAndBothWaysOut) {
    auto overview = usual();
    overview.manager.probation.emplace();
    overview.manager.probation->verb = "mode";
    overview.manager.probation->mode = "audit";
    overview.manager.probation->policy = "nginx";
    overview.manager.probation->keep = true;
    overview.manager.probation->remaining = 252'000'000;
    EXPECT_TRUE(has(draw(overview, {}, now),
                    "\nProbation\n"
                    "  mode audit of policy nginx, made by uid 0\n"
                    "  On probation: it is undone in 4min 12s, Sat 2026-01-31 14:09:21\n"
                    "  To keep it: enforcectl confirm\n"
                    "  To undo it now: enforcectl revert\n"))
        << draw(overview, {}, now);
}

TEST_F(Pages, StatusSaysWhatIsNotInForceAndWhy) {
    auto overview = usual();
    overview.manager.state = "degraded";
    overview.manager.not_in_force = {
        {"nginx", "file.rule[0]", "file_open", "BPF LSM is not active", "/etc/x.toml", 3}};
    overview.manager.diagnostics = {{"error", "/etc/y.toml", 1, 2, "bad"}};
    const auto text = draw(overview, {}, now);
    EXPECT_TRUE(has(text, "* enforced 0.1.0: degraded\n"));
    EXPECT_TRUE(has(
        text, "  file.rule[0] of policy nginx waits on file_open: BPF LSM is not active (/etc/x.toml:3)\n"));
    EXPECT_TRUE(has(text, "  /etc/y.toml:1:2: error: bad\n"));
}

TEST_F(Pages, StatusShowsTheLatestRefusals) {
    auto overview = usual();
    overview.lately.events = {usual_event()};
    EXPECT_TRUE(
        has(draw(overview, {}, now),
            "  Sat 2026-01-31 14:05:09 nginx.service: refused: nginx[812] may not read /srv/private/x\n"));
    overview.lately = {{}, "not permitted"};
    EXPECT_TRUE(has(draw(overview, {}, now), "  not shown: not permitted\n"));
}

TEST_F(Pages, StatusSaysWhatWasLost) {
    auto overview = usual();
    overview.manager.counters = {{"events-lost", 2}, {"refused", 9}};
    EXPECT_TRUE(has(draw(overview, {}, now), "\nLost\n  2 events were lost"));
}

TEST_F(Pages, StatusOfAUnitSaysWhichRulesDecided) {
    auto unit = usual_unit();
    unit.coverage.push_back({"nginx", "exec", "not-in-force", "bprm_check_security", "absent"});
    const auto text = draw(unit, {}, {}, {}, now);
    EXPECT_TRUE(has(text, "* nginx.service: enforced by nginx\n")) << text;
    EXPECT_TRUE(has(text, "  nginx   exec  not-in-force  bprm_check_security: absent\n")) << text;
    EXPECT_TRUE(has(
        text,
        "      3  nginx   file.rule[0]  path = [\"/srv/private/**\"]  /etc/enforced/policy.d/nginx.toml:3\n"))
        << text;
    EXPECT_EQ(status_of(unit), exit_failed);
}

TEST_F(Pages, TheExitStatusTellsWhatIsEnforced) {
    ManagerState manager;
    for (const auto& [state, status] :
         {std::pair("enforcing", exit_good), std::pair("degraded", exit_failed),
          std::pair("idle", exit_inactive), std::pair("released", exit_inactive)}) {
        manager.state = state;
        EXPECT_EQ(status_of(manager), status) << state;
    }
    auto unit = usual_unit();
    EXPECT_EQ(status_of(unit), exit_good);
    unit.mode = "audit";
    EXPECT_EQ(status_of(unit), exit_inactive);
}

TEST_F(Pages, NoHintsIfThereIsToBeNoLegend) {
    auto overview = usual();
    overview.lately.events = {usual_event()};
    Options options;
    EXPECT_TRUE(has(draw(overview, options, now), "enforcectl explain"));
    options.legend = false;
    const auto text = draw(overview, options, now);
    EXPECT_FALSE(has(text, "enforcectl explain"));
    EXPECT_FALSE(has(text, "POLICY"));
}

TEST_F(Pages, ExplainNamesTheRuleAndWhatWouldPermitIt) {
    Explanation explanation;
    explanation.event = usual_event();
    explanation.policy = "nginx";
    explanation.rule = "file.rule[0]";
    explanation.text = "path = [\"/srv/private/**\"]\naction = \"deny\"\n";
    explanation.file = "/etc/enforced/policy.d/nginx.toml";
    explanation.line = 3;
    explanation.still = true;
    explanation.refused_by = {{"nginx", "file.rule[0]", "", "/etc/enforced/policy.d/nginx.toml", 3, "deny"}};
    explanation.allowed_by = {
        {"base", "file.rule[1]", "", "/etc/enforced/policy.d/base.toml", 9, "deny goes before"}};
    explanation.changes = {
        {"replace", "nginx", "/etc/enforced/policy.d/nginx.toml", "", 3,
         "[[file.rule]]\npath = [\"/srv/private/**\"]\n"},
        {"amend", "base", "/etc/enforced/policy.d/base.toml.d/50-x.toml", "", 0, "[file]\n"},
        {"replace", "x", "/etc/enforced/policy.d/x.toml", "/usr/lib/enforced/policy.d/x.toml", 7, ""},
        {"replace", "x", "/etc/enforced/policy.d/x.toml", "/usr/lib/enforced/policy.d/x.toml", 2, ""}};
    explanation.beyond = "more";
    EXPECT_EQ(
        draw(explanation, {}),
        "Sat 2026-01-31 14:05:09 nginx.service: refused: nginx[812] may not read /srv/private/x\n\n"
        "   Policy: nginx\n"
        "     Rule: file.rule[0], /etc/enforced/policy.d/nginx.toml:3\n\n"
        "           path = [\"/srv/private/**\"]\n           action = \"deny\"\n\n"
        "      Now: what is in force would refuse it again\n"
        "     deny: file.rule[0] of policy nginx, /etc/enforced/policy.d/nginx.toml:3\n"
        "    allow: file.rule[1] of policy base, /etc/enforced/policy.d/base.toml:9: deny goes before\n\n"
        "To permit this, if the unit should do it:\n\n"
        "Replace the rule at line 3 of /etc/enforced/policy.d/nginx.toml by this:\n\n"
        "  [[file.rule]]\n  path = [\"/srv/private/**\"]\n\n"
        "Put this into /etc/enforced/policy.d/base.toml.d/50-x.toml:\n\n  [file]\n\n"
        "Copy /usr/lib/enforced/policy.d/x.toml to /etc/enforced/policy.d/x.toml.\n"
        "Remove the rule at line 7 of /etc/enforced/policy.d/x.toml.\n\n"
        "Remove the rule at line 2 of /etc/enforced/policy.d/x.toml.\n\n"
        "It would permit as well: more\n"
        "Then: enforcectl reload\n");
    explanation.obstacle = "it is denied";
    EXPECT_TRUE(has(draw(explanation, {}), "There is no change that would permit just this: it is denied\n"));
}

TEST_F(Pages, JsonHasTheNamesOfTheInterface) {
    const auto document = document_of(usual_unit());
    EXPECT_EQ(document["hits"]["refused"], 3);
    EXPECT_EQ(document["rules"][0]["file"], "/etc/enforced/policy.d/nginx.toml");
    EXPECT_EQ(document_of(ManagerState())["probation"], nullptr);
    EXPECT_FALSE(document_of(usual_event()).contains("pid"));
}

} // namespace
} // namespace enforced::ctl
