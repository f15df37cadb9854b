// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <tuple>

namespace enforced::bus {
namespace {

using Member = std::tuple<std::string, std::string, Kind>;

constexpr const char* contract[] = {interface::manager, interface::policy, interface::unit,
                                    interface::log_control};

std::string read_contract(const std::string& interface) {
    std::ifstream file(SOURCE_ROOT "/dbus/" + interface + ".xml");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Every method and property of the contract, in the ways in which they can be reached.
std::set<Member> members() {
    const std::regex method("<method name=\"(\\w+)\"");
    const std::regex property("<property name=\"(\\w+)\" type=\"[^\"]+\" access=\"(\\w+)\"");
    std::set<Member> found;

    for (const std::string interface : contract) {
        const std::string text = read_contract(interface);
        for (std::sregex_iterator i(text.begin(), text.end(), method), end; i != end; ++i)
            found.emplace(interface, (*i)[1], Kind::method);
        for (std::sregex_iterator i(text.begin(), text.end(), property), end; i != end; ++i) {
            found.emplace(interface, (*i)[1], Kind::get);
            if ((*i)[2] == "readwrite")
                found.emplace(interface, (*i)[1], Kind::set);
        }
        found.emplace(interface, "", Kind::get_all);
    }
    return found;
}

TEST(Table, HasARowForEveryMemberOfTheContract) {
    const auto all = members();
    ASSERT_GT(all.size(), 50u); // the files were read
    for (const auto& [interface, member, kind] : all)
        EXPECT_NE(find_row(interface, member, kind), nullptr)
            << interface << "." << member << ", kind " << static_cast<int>(kind);
}

TEST(Table, HasNoRowForWhatIsNotInTheContract) {
    const auto all = members();
    for (const Row& row : table) {
        if (row.interface.starts_with("org.freedesktop.DBus.") || row.interface.empty())
            continue;
        EXPECT_TRUE(all.contains({std::string(row.interface), std::string(row.member), row.kind}))
            << row.interface << "." << row.member;
    }
}

TEST(Table, HasNoMemberTwice) {
    std::set<Member> seen;
    for (const Row& row : table)
        EXPECT_TRUE(seen.emplace(row.interface, row.member, row.kind).second)
            << row.interface << "." << row.member;
}

TEST(Table, LetsEveryoneDoNothingButThis) {
    std::set<std::string> open;
    for (const Row& row : table) {
        if (row.guard == Guard::everyone)
            open.insert(std::string(row.interface) + "." + std::string(row.member));
    }
    EXPECT_EQ(open, (std::set<std::string>{
                        "org.enforced1.Manager.State",
                        "org.enforced1.Manager.Unsubscribe",
                        "org.enforced1.Manager.Version",
                        "org.freedesktop.DBus.Introspectable.Introspect",
                        "org.freedesktop.DBus.Peer.GetMachineId",
                        "org.freedesktop.DBus.Peer.Ping",
                        "org.freedesktop.LogControl1.",
                        "org.freedesktop.LogControl1.LogLevel",
                        "org.freedesktop.LogControl1.LogTarget",
                        "org.freedesktop.LogControl1.SyslogIdentifier",
                    }));
}

TEST(Table, GuardsWhatChangesByWhatIsChanged) {
    const auto guard = [](const char* member) {
        return find_row(interface::manager, member, Kind::method)->guard;
    };
    EXPECT_EQ(guard("Reload"), Guard::change_runtime);
    EXPECT_EQ(guard("LoadPolicy"), Guard::load);
    EXPECT_EQ(guard("UnloadPolicy"), Guard::weaken);
    EXPECT_EQ(guard("SetMode"), Guard::mode);
    EXPECT_EQ(guard("Release"), Guard::weaken);
    EXPECT_EQ(guard("MakePermanent"), Guard::make_permanent);
    EXPECT_EQ(guard("Confirm"), Guard::confirm);
    EXPECT_EQ(guard("Revert"), Guard::revert);
    EXPECT_EQ(guard("QueryEvents"), Guard::read_events);
    EXPECT_EQ(guard("Explain"), Guard::read_events);
    EXPECT_EQ(guard("Subscribe"), Guard::read_events);
}

TEST(Table, RefusesWhatItDoesNotHave) {
    EXPECT_EQ(find_row(interface::manager, "Frobnicate", Kind::method), nullptr);
    EXPECT_EQ(find_row(interface::manager, "State", Kind::set), nullptr);
    EXPECT_EQ(find_row(interface::manager, "Reload", Kind::get), nullptr);
    EXPECT_EQ(find_row("", "Reload", Kind::method), nullptr);
    EXPECT_EQ(find_row(interface::properties, "Get", Kind::method), nullptr);
}

TEST(Actions, AreThoseThatPolkitKnows) {
    std::ifstream file(SOURCE_ROOT "/polkit/org.enforced1.policy");
    std::stringstream text;
    text << file.rdbuf();
    for (const char* id : {action::read_state, action::read_events, action::change_runtime, action::weaken,
                           action::make_permanent})
        EXPECT_NE(text.str().find("<action id=\"" + std::string(id) + "\">"), std::string::npos) << id;
    // Nobody gets anything without an administrator's password.
    EXPECT_EQ(text.str().find(">yes<"), std::string::npos);
    EXPECT_EQ(text.str().find("auth_self"), std::string::npos);
}

} // namespace
} // namespace enforced::bus
