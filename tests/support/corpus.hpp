// SPDX-License-Identifier: GPL-2.0-or-later
/// The policies of tests/policies and what is expected of them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace enforced::test {

inline std::string read_text(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// The files of tests/policies/KIND, sorted.
inline std::vector<std::filesystem::path> corpus(const std::string& kind) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(SOURCE_ROOT "/tests/policies/" + kind))
        files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

/// What the file expects to be said of it: the lines at its beginning, without `# expect: `.
inline std::vector<std::string> expectations(const std::filesystem::path& file) {
    constexpr std::string_view mark = "# expect: ";
    std::vector<std::string> lines;
    std::istringstream text(read_text(file));
    for (std::string line; std::getline(text, line) && line.starts_with(mark);)
        lines.push_back(line.substr(mark.size()));
    return lines;
}

/// As many lines as were expected, each `FILE:` and then what was expected.
inline void expect_lines(const std::vector<std::string>& lines, const std::string& file,
                         const std::vector<std::string>& expected) {
    EXPECT_FALSE(expected.empty()) << "the file says not what is expected of it";
    EXPECT_EQ(lines.size(), expected.size()) << testing::PrintToString(lines);
    for (std::size_t i = 0; i < std::min(lines.size(), expected.size()); ++i)
        EXPECT_TRUE(lines[i].starts_with(file + ":" + expected[i])) << lines[i] << "\nis not\n"
                                                                    << expected[i];
}

inline std::string name_of_file(const testing::TestParamInfo<std::filesystem::path>& info) {
    auto name = info.param.stem().string();
    std::ranges::replace_if(
        name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

} // namespace enforced::test
