// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/strings.hpp"

#include <gtest/gtest.h>

#include "bus/names.hpp"

namespace enforced::bus {
namespace {

TEST(Paths, HoldAnyName) {
    for (const std::string name : {"nginx", "a.b-c_d@e", "9", "x\\x2dy.service"})
        EXPECT_EQ(decode_path(encode_path(unit_prefix, name).c_str(), unit_prefix), name);
    EXPECT_EQ(encode_path(policy_prefix, "a.b"), "/org/enforced1/policy/a_2eb");
    EXPECT_EQ(decode_path("/org/enforced1", policy_prefix), std::nullopt);
    EXPECT_EQ(decode_path(nullptr, policy_prefix), std::nullopt);
}

TEST(Strings, AreFitForTheBus) {
    EXPECT_EQ(fit("plain\n\ttext"), "plain\n\ttext");
    EXPECT_EQ(fit("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
    EXPECT_EQ(fit("a\xff\xfe"), "a\\xff\\xfe");
    EXPECT_EQ(fit(std::string_view("a\0b", 3)), "a\\x00b");
    EXPECT_EQ(fit("\xed\xa0\x80"), "\\xed\\xa0\\x80"); // a surrogate
    EXPECT_EQ(fit("\xc0\x80"), "\\xc0\\x80");          // overlong
}

} // namespace
} // namespace enforced::bus
