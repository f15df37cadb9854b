// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/print.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "policy/capability.hpp"
#include "policy/endpoint.hpp"
#include "policy/family.hpp"
#include "policy/parse.hpp"

namespace enforced::policy {
namespace {

/// Makes policies that mean nothing but are well-formed, the same ones each time.
class Dice {
  public:
    explicit Dice(unsigned seed) : engine_(seed) {}

    Policy policy() {
        Policy policy;
        policy.description = text();
        policy.units = globs("", ".service", 1);
        policy.mode = pick({Mode::enforce, Mode::audit, Mode::off});
        policy.on_unsupported = pick({OnUnsupported::refuse, OnUnsupported::warn});
        policy.release_to = globs("", ".scope");
        if (coin())
            policy.file = file();
        if (coin())
            policy.exec = exec();
        if (coin())
            policy.network = network();
        if (coin())
            policy.capability = capability();
        if (coin())
            policy.kernel = kernel();
        return policy;
    }

    std::string text() {
        static const std::vector<std::string> pieces = {
            "a",   "B7",    " ",    "\"", "'", "\\",       "\n",           "\t",
            "\r",  "\x01",  "\x7f", "#",  "=", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
            "'''", "\"\"\""};
        std::string all;
        for (unsigned left = below(12); left > 0; --left)
            all += pick(pieces);
        return all;
    }

  private:
    unsigned below(unsigned end) { return static_cast<unsigned>(engine_() % end); }
    bool coin() { return below(2) == 0; }

    template<class T>
    T pick(const std::vector<T>& from) {
        return from[below(static_cast<unsigned>(from.size()))];
    }

    template<class T>
    T pick(std::initializer_list<T> from) {
        return pick(std::vector<T>(from));
    }

    std::vector<Glob> globs(const std::string& begin, const std::string& end, unsigned least = 0) {
        static const std::vector<std::string> names = {"a",     "b_c",  "*",         "?",
                                                       "[a-z]", "[!x]", "{a,b{c,}}", "d-1"};
        static const std::vector<std::string> paths = {"\\*",      "\\\\", "\"",   "'",
                                                       "\xc3\xa4", "\n",   "**/x", "y/z"};
        std::vector<Glob> all;
        for (unsigned left = least + below(4); left > 0; --left) {
            std::string text = begin + pick(names);
            if (!begin.empty() && coin())
                text += pick(paths);
            text += pick(names) + end;
            if (text.find("***") == std::string::npos &&
                (begin == "/" || text.find("**") == std::string::npos))
                all.push_back({text, {}});
        }
        if (all.size() < least)
            all.push_back({begin + "a" + end, {}});
        return all;
    }

    Switch permission() { return {pick({Permission::allow, Permission::deny}), {}}; }

    File file() {
        File file;
        file.default_ = permission();
        for (unsigned left = below(4); left > 0; --left) {
            auto& rule = file.rules.emplace_back();
            rule.path = globs("/", "", 1);
            rule.except = globs("/", "");
            rule.access = 1 + below(access_all);
            rule.action = pick({Action::allow, Action::deny, Action::kill, Action::audit});
        }
        return file;
    }

    Exec exec() {
        Exec exec;
        exec.default_ = permission();
        exec.allow = globs("/", "");
        exec.deny = globs("/", "");
        exec.except = globs("/", "");
        exec.libraries = globs("/", "");
        if (coin())
            exec.anonymous = permission();
        if (coin())
            exec.writable_memory = permission();
        return exec;
    }

    std::vector<Endpoint> endpoints() {
        static const std::vector<std::string> protocols = {"tcp:", "udp:", "any:"};
        static const std::vector<std::string> addresses = {
            "", "10.0.0.0/8:", "192.0.2.7:", "[2001:db8::/32]:", "[::1]:"};
        static const std::vector<std::string> ports = {"*", "0", "80", "1-65535"};
        std::vector<Endpoint> all;
        for (unsigned left = below(5); left > 0; --left)
            all.push_back(parse_endpoint(pick(protocols) + pick(addresses) + pick(ports)).value());
        return all;
    }

    Network network() {
        Network network;
        network.default_ = permission();
        if (coin()) {
            auto& families = network.families.emplace();
            for (unsigned left = below(4); left > 0; --left) {
                const auto name = family_names()[below(static_cast<unsigned>(family_names().size()))];
                families.push_back({family_number(name).value(), std::string(name), {}});
            }
        }
        network.connect = {endpoints(), endpoints(), endpoints()};
        network.bind = {endpoints(), endpoints(), endpoints()};
        network.accept = {endpoints(), endpoints(), endpoints()};
        network.unix_ = {globs("/", ""), globs("/", ""), globs("@", "")};
        return network;
    }

    std::vector<NamedCapability> capabilities() {
        std::vector<NamedCapability> all;
        for (unsigned left = below(5); left > 0; --left) {
            const unsigned number = below(41);
            all.push_back({number, std::string(capability_name(number).value()), {}});
        }
        return all;
    }

    Capability capability() { return {permission(), capabilities(), capabilities(), capabilities(), {}}; }

    Kernel kernel() {
        Kernel kernel;
        for (auto& key : kernel.keys)
            if (coin())
                key = permission();
        return kernel;
    }

    std::mt19937 engine_;
};

TEST(Print, IsReadAgainAsTheSamePolicy) {
    for (unsigned seed = 0; seed < 3000; ++seed) {
        const auto policy = Dice(seed).policy();
        const auto text = print(policy);
        Policy again;
        Diagnostics diagnostics;
        parse(text, "f", again, diagnostics);
        ASSERT_FALSE(has_errors(diagnostics)) << render(diagnostics[0]) << "\n" << text;
        ASSERT_EQ(again, policy) << text;
        ASSERT_EQ(print(again), text);
    }
}

TEST(Print, PrefersTheStringInWhichBackslashesAreThemselves) {
    EXPECT_EQ(print_string("/a"), "\"/a\"");
    EXPECT_EQ(print_string("/\\*"), "'/\\*'");
    EXPECT_EQ(print_string("it's \\"), "\"it's \\\\\"");
    EXPECT_EQ(print_string("a\n\x7f"), "\"a\\u000a\\u007f\"");
}

TEST(Print, NamesAccesses) {
    EXPECT_EQ(print_access(access_all), "\"all\"");
    EXPECT_EQ(print_access(access_read | access_attr), "[\"read\", \"attr\"]");
}

TEST(Print, BreaksLongLists) {
    Policy policy;
    for (int i = 0; i < 20; ++i)
        policy.units.push_back({"a-rather-long-name-" + std::to_string(i) + ".service", {}});
    EXPECT_NE(print(policy).find("units = [\n  \"a-rather-long-name-0.service\",\n"), std::string::npos);
}

TEST(Print, LeavesOutWhatIsAsByDefault) {
    Policy policy;
    policy.units = {{"a.service", {}}};
    EXPECT_EQ(print(policy), "units = [\"a.service\"]\nmode = \"enforce\"\non-unsupported = \"refuse\"\n");
}

} // namespace
} // namespace enforced::policy
