// SPDX-License-Identifier: GPL-2.0-or-later
// A feed on one end of a connection without a bus; who subscribes is at the other.
#include "bus/feed.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "bus/names.hpp"

namespace enforced::bus {
namespace {

constexpr Caller caller{":1.7", 1000};

class BusFeed : public testing::Test {
  protected:
    BusFeed()
        : feed_({[this](const std::string& name, const Event& event) {
                     sent_.push_back(name + " " + event.object);
                     return works_;
                 },
                 [this](const std::string& name, std::uint64_t unsent) {
                     ended_.push_back(name + " " + std::to_string(unsent));
                 },
                 [this](int, const std::string& text) { said_ = text; }}) {
        int ends[2];
        socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
        ours_ = open(ends[0], true);
        theirs_ = open(ends[1], false);
        run();
        feed_.attach(ours_.get());
    }
    ~BusFeed() override { feed_.detach(); }

    static RawBus open(int fd, bool server) {
        sd_bus* bus = nullptr;
        sd_id128_t id = {};
        sd_id128_randomize(&id);
        sd_bus_new(&bus);
        sd_bus_set_fd(bus, fd, fd);
        if (server)
            sd_bus_set_server(bus, 1, id);
        sd_bus_start(bus);
        return RawBus(bus);
    }

    /// Until nothing happens any more. They answer only if `reading`.
    void run(bool reading = true) {
        for (int idle = 0; idle < 3; idle++) {
            while (sd_bus_process(ours_.get(), nullptr) > 0 ||
                   (reading && sd_bus_process(theirs_.get(), nullptr) > 0))
                idle = 0;
            sd_bus_wait(ours_.get(), 1000);
        }
    }

    void publish(std::size_t count, const std::string& unit = "a.service") {
        for (std::size_t i = 0; i < count; i++) {
            Event event;
            event.unit = unit;
            event.object = std::to_string(published_++);
            feed_.publish(event);
        }
    }

    std::vector<std::string> sent_, ended_;
    std::string said_;
    bool works_ = true;
    std::size_t published_ = 0;
    Feed feed_;
    RawBus ours_, theirs_;
};

TEST_F(BusFeed, WhoSubscribedIsSentWhatTheyWant) {
    publish(1);
    ASSERT_TRUE(feed_.subscribe(caller, {.unit = "a.service"}));
    ASSERT_TRUE(feed_.subscribe({":1.8", 0}, {}));
    publish(1);
    publish(1, "b.service");
    EXPECT_EQ(sent_, (std::vector<std::string>{":1.7 1", ":1.8 1", ":1.8 2"}));
    sent_.clear();
    ASSERT_TRUE(feed_.subscribe(caller, {.unit = "b.service"}));
    feed_.unsubscribe(":1.8");
    publish(1);
    publish(1, "b.service");
    EXPECT_EQ(sent_, (std::vector<std::string>{":1.7 4"}));
}

TEST_F(BusFeed, EveryFieldOfTheFilterCounts) {
    const Event event{.unit = "u", .policy = "p", .rule = "r", .class_ = "c", .verdict = "v"};
    EXPECT_TRUE(wants({}, event));
    EXPECT_TRUE(wants({.unit = "u", .policy = "p", .rule = "r", .class_ = "c", .verdict = "v"}, event));
    EXPECT_FALSE(wants({.unit = "x"}, event));
    EXPECT_FALSE(wants({.policy = "x"}, event));
    EXPECT_FALSE(wants({.rule = "x"}, event));
    EXPECT_FALSE(wants({.class_ = "x"}, event));
    EXPECT_FALSE(wants({.verdict = "x"}, event));
}

TEST_F(BusFeed, WhoReadsIsSentAllInOrder) {
    ASSERT_TRUE(feed_.subscribe(caller, {}));
    for (int i = 0; i < 50; i++) {
        publish(100);
        run();
    }
    ASSERT_EQ(sent_.size(), 5000U);
    for (std::size_t i = 0; i < sent_.size(); i++)
        ASSERT_EQ(sent_[i], ":1.7 " + std::to_string(i));
    EXPECT_TRUE(ended_.empty());
}

TEST_F(BusFeed, WhatIsUnreadIsBoundedAndTheRestWaits) {
    ASSERT_TRUE(feed_.subscribe(caller, {}));
    publish(1000);
    run(false);
    EXPECT_EQ(sent_.size(), Feed::window);
    run();
    EXPECT_EQ(sent_.size(), 1000U);
    EXPECT_EQ(feed_.size(), 1U);
}

TEST_F(BusFeed, WhoDoesNotReadIsDroppedAndTold) {
    ASSERT_TRUE(feed_.subscribe(caller, {}));
    ASSERT_TRUE(feed_.subscribe({":1.8", 0}, {.unit = "b.service"}));
    publish(Feed::window + Feed::room);
    EXPECT_TRUE(ended_.empty());
    publish(1);
    EXPECT_EQ(ended_, std::vector<std::string>{":1.7 " + std::to_string(Feed::room + 1)});
    EXPECT_EQ(feed_.size(), 1U) << "the other one stays";
    EXPECT_NE(said_.find(":1.7 (user 1000)"), std::string::npos) << said_;
    run(); // the answer comes when nobody waits for it
    EXPECT_EQ(sent_.size(), Feed::window);
}

TEST_F(BusFeed, WhoDoesNotAnswerIsDropped) {
    sd_bus_set_method_call_timeout(ours_.get(), 1000);
    ASSERT_TRUE(feed_.subscribe(caller, {}));
    publish(Feed::window);
    run(false);
    EXPECT_EQ(feed_.size(), 0U);
    EXPECT_EQ(ended_, std::vector<std::string>{":1.7 0"});
}

TEST_F(BusFeed, AnyAnswerIsOne) {
    sd_bus_add_filter(
        theirs_.get(), nullptr,
        [](sd_bus_message* message, void*, sd_bus_error*) {
            return sd_bus_reply_method_errorf(message, "org.example.Error", "no");
        },
        nullptr);
    ASSERT_TRUE(feed_.subscribe(caller, {}));
    publish(1000);
    run();
    EXPECT_EQ(sent_.size(), 1000U);
}

TEST_F(BusFeed, WhatCannotBeSentWaitsToo) {
    ASSERT_TRUE(feed_.subscribe(caller, {}));
    works_ = false;
    publish(Feed::room);
    EXPECT_EQ(feed_.size(), 1U);
    publish(1);
    EXPECT_EQ(feed_.size(), 0U);
}

TEST_F(BusFeed, OneUserHasSoManyAndNoMore) {
    for (std::size_t i = 0; i < Feed::max_each; i++)
        ASSERT_TRUE(feed_.subscribe({":1." + std::to_string(i), 1000}, {}));
    const auto another = feed_.subscribe({":2.0", 1000}, {});
    ASSERT_FALSE(another);
    EXPECT_STREQ(another.error().name, error::limit_exceeded);
    EXPECT_TRUE(feed_.subscribe({":1.0", 1000}, {.unit = "x"})) << "the same one again";
    EXPECT_TRUE(feed_.subscribe({":2.0", 1001}, {}));
    for (std::uint32_t i = 0; feed_.size() < Feed::max_all; i++)
        ASSERT_TRUE(feed_.subscribe({":3." + std::to_string(i), 2000 + i}, {}));
    EXPECT_FALSE(feed_.subscribe({":4.0", 1}, {}));
    feed_.unsubscribe(":2.0");
    EXPECT_TRUE(feed_.subscribe({":4.0", 1}, {}));
}

TEST_F(BusFeed, WithoutABusThereIsNobody) {
    ASSERT_TRUE(feed_.subscribe(caller, {}));
    publish(Feed::window);
    feed_.detach();
    publish(1);
    EXPECT_EQ(sent_.size(), Feed::window);
    EXPECT_EQ(feed_.size(), 0U);
}

} // namespace
} // namespace enforced::bus
