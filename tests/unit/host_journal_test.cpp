// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/journal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/journal_file.hpp"
#include "support/tree.hpp"

namespace enforced::test {
namespace {

using Texts = std::vector<std::string>;

class HostJournal : public testing::Test {
  protected:
    void SetUp() override {
        if (!JournalFile::can_be_made())
            GTEST_SKIP() << "there is no " << JournalFile::maker << "; install systemd-journal-remote";
        query_.matches = {"_UID=0", "KIND=event"};
        query_.fields = {"NUMBER", "TEXT"};
    }

    /// Numbers 0 to `count` - 1, one a second; every third is of unit b.
    void numbers(unsigned count, const std::string& name = "a.journal") {
        JournalFile file;
        for (unsigned i = 0; i < count; i++)
            file.add({"_UID=0", "KIND=event", i % 3 == 2 ? "UNIT=b" : "UNIT=a", "NUMBER=" + std::to_string(i),
                      "OTHER=unwanted"});
        ASSERT_TRUE(file.write(path(name)));
    }

    std::string path(const std::string& name) const { return tree_.path(name); }

    host::JournalPage read() {
        auto page = host::read_journal(query_, tree_.path());
        EXPECT_TRUE(page) << page.error().message;
        return page ? *page : host::JournalPage{};
    }

    static Texts numbers_of(const host::JournalPage& page) {
        Texts numbers;
        for (const auto& entry : page.entries)
            numbers.emplace_back(entry.field("NUMBER"));
        return numbers;
    }

    Tree tree_;
    host::JournalQuery query_;
};

TEST_F(HostJournal, TheNewestComeFirstUnlessTheOldestAreWanted) {
    numbers(4);
    EXPECT_EQ(numbers_of(read()), (Texts{"3", "2", "1", "0"}));
    query_.newest_first = false;
    const auto page = read();
    EXPECT_EQ(numbers_of(page), (Texts{"0", "1", "2", "3"}));
    EXPECT_FALSE(page.more);
    EXPECT_EQ(page.entries[1].time, JournalFile::start + 1'000'000);
    EXPECT_EQ(page.entries[1].boot, JournalFile::boot);
    EXPECT_EQ(page.entries[1].fields, Texts{"NUMBER=1"}) << "what is not wanted is left out";
}

TEST_F(HostJournal, OnlyWhatMatchesIsFound) {
    JournalFile file;
    file.add({"_UID=0", "KIND=event", "NUMBER=0", "UNIT=a", "CLASS=x"})
        .add({"_UID=1000", "KIND=event", "NUMBER=1", "UNIT=a", "CLASS=x"})
        .add({"_UID=0", "KIND=other", "NUMBER=2", "UNIT=a", "CLASS=x"})
        .add({"_UID=0", "KIND=event", "NUMBER=3", "UNIT=b", "CLASS=x"})
        .add({"_UID=0", "KIND=event", "NUMBER=4", "UNIT=a", "CLASS=y"})
        .add({"_UID=0", "KIND=event", "NUMBER=5", "UNIT=c", "CLASS=x"});
    ASSERT_TRUE(file.write(path("a.journal")));
    query_.matches.insert(query_.matches.end(), {"UNIT=a", "CLASS=x"});
    EXPECT_EQ(numbers_of(read()), Texts{"0"});
    query_.matches.emplace_back("UNIT=c"); // either of the two
    EXPECT_EQ(numbers_of(read()), (Texts{"5", "0"}));
    query_.matches.emplace_back("_BOOT_ID=ffffffffffffffffffffffffffffffff");
    EXPECT_EQ(numbers_of(read()), Texts{});
}

TEST_F(HostJournal, APageGoesOnWhereTheOneBeforeEnded) {
    numbers(7);
    for (const bool newest : {true, false}) {
        Texts all;
        unsigned pages = 0;
        query_.newest_first = newest;
        query_.cursor.clear();
        query_.limit = 3;
        for (bool more = true; more && pages < 10; pages++) {
            const auto page = read();
            for (const auto& number : numbers_of(page))
                all.push_back(number);
            more = page.more;
            query_.cursor = page.cursor;
        }
        if (newest)
            std::ranges::reverse(all);
        EXPECT_EQ(all, (Texts{"0", "1", "2", "3", "4", "5", "6"}));
        EXPECT_EQ(pages, 3U);
        EXPECT_TRUE(read().entries.empty());
        EXPECT_EQ(read().cursor, query_.cursor) << "there may come more behind it";
    }
}

TEST_F(HostJournal, ExactlyAsManyAsWereWantedLeaveNothingMore) {
    numbers(3);
    query_.limit = 3;
    EXPECT_FALSE(read().more);
    query_.limit = 2;
    EXPECT_TRUE(read().more);
}

TEST_F(HostJournal, ACursorOfWhatOthersAskedForIsAPlace) {
    numbers(7);
    query_.newest_first = false;
    query_.limit = 2;
    const std::string cursor = read().cursor; // of number 1
    query_.cursor = cursor;
    query_.limit = 100;
    query_.matches.emplace_back("UNIT=b");
    EXPECT_EQ(numbers_of(read()), (Texts{"2", "5"}));
    query_.newest_first = true;
    EXPECT_EQ(numbers_of(read()), Texts{});
}

TEST_F(HostJournal, OneEntryIsFoundByItsCursor) {
    numbers(5);
    query_.newest_first = false;
    const auto all = read();
    for (const auto& entry : all.entries) {
        query_.at = entry.cursor;
        EXPECT_EQ(numbers_of(read()), Texts{std::string(entry.field("NUMBER"))});
    }
    query_.matches.emplace_back("UNIT=b"); // of which the last one is not
    EXPECT_EQ(numbers_of(read()), Texts{});
    query_.at = "nonsense";
    EXPECT_EQ(host::read_journal(query_, tree_.path()).error().code, EINVAL);
}

TEST_F(HostJournal, TimesAreInclusive) {
    numbers(6);
    query_.since = JournalFile::start + 1'000'000;
    query_.until = JournalFile::start + 3'000'000;
    EXPECT_EQ(numbers_of(read()), (Texts{"3", "2", "1"}));
    query_.newest_first = false;
    auto page = read();
    EXPECT_EQ(numbers_of(page), (Texts{"1", "2", "3"}));
    EXPECT_FALSE(page.more);
    query_.since = query_.until + 100'000'000;
    query_.until = 0;
    EXPECT_TRUE(read().entries.empty());
}

TEST_F(HostJournal, BytesAreBounded) {
    JournalFile file;
    for (int i = 0; i < 20; i++)
        file.add({"_UID=0", "KIND=event", "NUMBER=" + std::to_string(i), "TEXT=" + std::string(10'000, 'x')});
    ASSERT_TRUE(file.write(path("a.journal")));
    query_.bytes = 25'000;
    const auto page = read();
    EXPECT_EQ(page.entries.size(), 3U);
    EXPECT_TRUE(page.more);
    query_.bytes = 1;
    EXPECT_EQ(read().entries.size(), 1U) << "there is progress all the same";
}

TEST_F(HostJournal, ValuesAreCutWhereTheyAreTooLong) {
    JournalFile file;
    std::string random(1'000'000, 'x');
    for (auto& c : random)
        c = static_cast<char>('a' + std::rand() % 26); // no compression makes it small
    file.add({"_UID=0", "KIND=event", "TEXT=" + std::string(5'000'000, 'x')})
        .add({"_UID=0", "KIND=event", "TEXT=" + random});
    ASSERT_TRUE(file.write(path("a.journal")));
    for (const auto& entry : read().entries)
        EXPECT_LE(entry.field("TEXT").size(), 16U * 1024);
}

TEST_F(HostJournal, TimeIsBounded) {
    numbers(50);
    query_.patience = std::chrono::milliseconds(0);
    const auto page = read();
    EXPECT_EQ(page.entries.size(), 1U) << "there is progress all the same";
    EXPECT_TRUE(page.more);
}

TEST_F(HostJournal, AnyBytesComeBackAsTheyAre) {
    JournalFile file;
    const std::string bytes("a\xff\n=\0b", 6);
    file.add({"_UID=0", "KIND=event", "TEXT=" + bytes});
    ASSERT_TRUE(file.write(path("a.journal")));
    const auto page = read();
    ASSERT_EQ(page.entries.size(), 1U);
    EXPECT_EQ(page.entries[0].field("TEXT"), bytes);
    EXPECT_EQ(page.entries[0].field("NUMBER"), "");
}

TEST_F(HostJournal, FilesAreReadTogetherAndBrokenOnesAsFarAsTheyGo) {
    numbers(3);
    JournalFile later;
    later.add({"_UID=0", "KIND=event", "NUMBER=9"}, 60'000'000);
    ASSERT_TRUE(later.write(path("b.journal")));
    EXPECT_EQ(numbers_of(read()), (Texts{"9", "2", "1", "0"}));

    std::ofstream(path("garbage.journal")) << std::string(100'000, 'x');
    std::ofstream(path("empty.journal"));
    numbers(50, "cut.journal");
    const auto size = std::filesystem::file_size(path("cut.journal"));
    for (const auto left : {size / 2, size / 16, std::uintmax_t{300}}) {
        std::filesystem::resize_file(path("cut.journal"), left);
        auto page = read();
        EXPECT_GE(page.entries.size(), 4U) << left;
    }
    // What was overwritten in the middle.
    numbers(50, "holes.journal");
    std::fstream file(path("holes.journal"), std::ios::in | std::ios::out | std::ios::binary);
    for (std::uintmax_t at = 4096; at + 64 < std::filesystem::file_size(path("holes.journal")); at += 1000) {
        file.seekp(static_cast<std::streamoff>(at));
        file << std::string(64, '\xff');
    }
    file.close();
    EXPECT_GE(read().entries.size(), 4U);
}

TEST_F(HostJournal, ACursorThatIsNoneIsAnError) {
    numbers(1);
    for (const char* cursor : {"nonsense", "s=;i=", "=", "s=00;i=zz"}) {
        query_.cursor = cursor;
        const auto page = host::read_journal(query_, tree_.path());
        ASSERT_FALSE(page) << cursor;
        EXPECT_EQ(page.error().code, EINVAL) << cursor;
    }
}

TEST_F(HostJournal, WithoutAJournalThereIsNothing) {
    EXPECT_TRUE(read().entries.empty());
    EXPECT_FALSE(read().more);
}

TEST_F(HostJournal, APageIsHandedOnWhole) {
    numbers(3);
    auto page = read();
    page.entries[1].fields.emplace_back(std::string("X=\0\xff\n", 5));
    const std::string text = host::pack(page);
    const auto again = host::unpack_page(text);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->cursor, page.cursor);
    EXPECT_EQ(again->more, page.more);
    ASSERT_EQ(again->entries.size(), 3U);
    for (std::size_t i = 0; i < 3; i++) {
        EXPECT_EQ(again->entries[i].cursor, page.entries[i].cursor);
        EXPECT_EQ(again->entries[i].time, page.entries[i].time);
        EXPECT_EQ(again->entries[i].boot, page.entries[i].boot);
        EXPECT_EQ(again->entries[i].fields, page.entries[i].fields);
    }
    for (std::size_t size = 0; size < text.size(); size++)
        EXPECT_FALSE(host::unpack_page(text.substr(0, size))) << size;
    EXPECT_FALSE(host::unpack_page(text + "x"));
}

} // namespace
} // namespace enforced::test
