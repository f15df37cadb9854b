// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/question.hpp"

#include <gtest/gtest.h>

#include <cstdarg>

#include "bus/names.hpp"

namespace enforced::bus {
namespace {

class Questions : public testing::Test {
  protected:
    Questions() {
        sd_bus* bus = nullptr;
        sd_bus_new(&bus);
        sd_bus_start(bus); // fails, and makes messages all the same
        bus_.reset(bus);
        view_.policies["usual"] = {};
    }

    /// A call as it would be received.
    Message call(const char* interface, const char* member, const char* types, ...) {
        sd_bus_message* message = nullptr;
        va_list values;
        sd_bus_message_new_method_call(bus_.get(), &message, bus_name, path_, interface, member);
        va_start(values, types);
        EXPECT_GE(sd_bus_message_appendv(message, types, values), 0);
        va_end(values);
        sd_bus_message_seal(message, 1, 0);
        sd_bus_message_rewind(message, true);
        return Message(message);
    }

    Question ask(const Message& message) {
        const auto question = question_of(message.get(), view_);
        EXPECT_TRUE(question) << question.error().message;
        return question.value_or(Question{});
    }

    std::string fault(const Message& message) {
        const auto question = question_of(message.get(), view_);
        return question ? "none" : question.error().name;
    }

    RawBus bus_;
    View view_;
    const char* path_ = root_path;
};

TEST_F(Questions, OfALoadDependOnWhetherThereIsOneOfTheName) {
    const auto fresh = ask(call(interface::manager, "LoadPolicy", "ssa{sv}", "fresh", "x = 1", 0));
    EXPECT_STREQ(fresh.action, action::change_runtime);
    EXPECT_EQ(fresh.details, (std::map<std::string, std::string>{{"policy", "fresh"}, {"verb", "load"}}));
    EXPECT_STREQ(ask(call(interface::manager, "LoadPolicy", "ssa{sv}", "usual", "x = 1", 0)).action,
                 action::weaken);
}

TEST_F(Questions, OfAModeDependOnIt) {
    for (const char* mode : {"audit", "off", ""}) {
        const auto question = ask(call(interface::manager, "SetMode", "ssa{sv}", "usual", mode, 0));
        EXPECT_STREQ(question.action, action::weaken);
        EXPECT_EQ(question.details.at("mode"), mode);
    }
    EXPECT_STREQ(ask(call(interface::manager, "SetMode", "ssa{sv}", "usual", "enforce", 0)).action,
                 action::change_runtime);
    EXPECT_EQ(fault(call(interface::manager, "SetMode", "ssa{sv}", "usual", "learn", 0)),
              error::invalid_arguments);
}

TEST_F(Questions, OfAProbationNameIt) {
    EXPECT_EQ(fault(call(interface::manager, "Confirm", "sa{sv}", "", 0)), error::no_probation);
    view_.probation = Probation{"0123", {Verb::make_permanent, "usual", {}, {}}, {":1.2", 1000}, {}, 0};
    const auto confirm = ask(call(interface::manager, "Confirm", "sa{sv}", "", 0));
    EXPECT_STREQ(confirm.action, action::make_permanent);
    EXPECT_EQ(confirm.exempt, 1000u);
    EXPECT_EQ(confirm.details, (std::map<std::string, std::string>{
                                   {"probation", "0123"}, {"policy", "usual"}, {"verb", "confirm"}}));
    EXPECT_STREQ(ask(call(interface::manager, "Revert", "sa{sv}", "0123", 0)).action, action::weaken);
    EXPECT_EQ(fault(call(interface::manager, "Revert", "sa{sv}", "4567", 0)), error::no_probation);
}

TEST_F(Questions, OfAnotherProbationAreOthers) {
    view_.probation = Probation{"0123", {Verb::release, {}, {}, {}}, {":1.2", 1000}, {}, 0};
    const Message message = call(interface::manager, "Confirm", "sa{sv}", "", 0);
    const auto before = ask(message);
    view_.probation->id = "4567";
    EXPECT_FALSE(ask(message) == before);
}

TEST_F(Questions, OfPropertiesTellTheObject) {
    path_ = "/org/enforced1/policy/a_2eb";
    const auto get = ask(call(interface::properties, "Get", "ss", interface::policy, "Text"));
    EXPECT_STREQ(get.action, action::read_state);
    EXPECT_EQ(get.details.at("policy"), "a.b");
    path_ = "/org/enforced1/unit/a_2eservice";
    EXPECT_EQ(ask(call(interface::properties, "GetAll", "s", "")).details.at("unit"), "a.service");
}

TEST_F(Questions, OfEventsTellWhatTheFilterNames) {
    const auto question =
        ask(call(interface::manager, "QueryEvents", "a{sv}a{sv}", 3, "unit", "s", "x.service", "since-usec",
                 "t", std::uint64_t{1}, "policy", "s", "usual", 0));
    EXPECT_STREQ(question.action, action::read_events);
    EXPECT_EQ(question.details, (std::map<std::string, std::string>{
                                    {"unit", "x.service"}, {"policy", "usual"}, {"verb", "query"}}));
}

TEST_F(Questions, AreNotAskedOfWhatEveryoneMay) {
    EXPECT_EQ(ask(call(interface::properties, "Get", "ss", interface::manager, "Version")).action, nullptr);
    EXPECT_EQ(ask(call(interface::peer, "Ping", "")).action, nullptr);
}

TEST_F(Questions, AreNotAskedOfWhatThereIsNot) {
    EXPECT_EQ(fault(call(interface::manager, "Frobnicate", "")), error::unknown_method);
    EXPECT_EQ(fault(call("org.example.Manager", "Reload", "a{sv}", 0)), error::unknown_method);
    EXPECT_EQ(fault(call(nullptr, "Reload", "a{sv}", 0)), error::unknown_method);
    EXPECT_EQ(fault(call(interface::properties, "Set", "ssv", interface::manager, "State", "s", "idle")),
              error::unknown_property);
    EXPECT_EQ(fault(call(interface::properties, "GetAll", "s", "org.example.X")), error::unknown_interface);
    EXPECT_EQ(fault(call(interface::properties, "Frobnicate", "ss", interface::manager, "State")),
              error::unknown_property);
}

TEST_F(Questions, AreNotAskedOfBadArguments) {
    EXPECT_EQ(fault(call(interface::manager, "LoadPolicy", "t", std::uint64_t{1})), error::invalid_arguments);
    EXPECT_EQ(fault(call(interface::properties, "Get", "s", interface::manager)), error::invalid_arguments);
    for (const char* name : {"", "..", "../x", "a/b", "-x", ".x", "a b", "a\nb"})
        EXPECT_EQ(fault(call(interface::manager, "UnloadPolicy", "sa{sv}", name, 0)),
                  error::invalid_arguments)
            << name;
    for (const char* name : {"", "nginx", ".service", "a b.service", "a/b.service", "x.timer"})
        EXPECT_EQ(fault(call(interface::manager, "GetUnitByName", "s", name)), error::invalid_arguments)
            << name;
    const std::string large(max_text + 1, '#');
    EXPECT_EQ(fault(call(interface::manager, "LoadPolicy", "ssa{sv}", "fresh", large.c_str(), 0)),
              error::limit_exceeded);
}

} // namespace
} // namespace enforced::bus
