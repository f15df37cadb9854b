// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace enforced::test {

/// A directory of one's own, gone with its owner.
class Tree {
  public:
    Tree() {
        char name[] = "/tmp/enforced-test-XXXXXX";
        if (!mkdtemp(name))
            throw std::runtime_error("mkdtemp");
        path_ = name;
    }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;
    ~Tree() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string path(const std::string& name = "") const {
        return name.empty() ? path_ : path_ + "/" + name;
    }

    /// Makes a file, and the directories above it. Returns its path.
    std::string file(const std::string& name, const std::string& text = "", mode_t mode = 0644) const {
        directory(name.substr(0, name.rfind('/') == std::string::npos ? 0 : name.rfind('/')));
        std::ofstream(path(name)) << text;
        chmod(path(name).c_str(), mode);
        return path(name);
    }

    std::string directory(const std::string& name, mode_t mode = 0755) const {
        std::filesystem::create_directories(path(name));
        if (!name.empty())
            chmod(path(name).c_str(), mode);
        return path(name);
    }

  private:
    std::string path_;
};

} // namespace enforced::test
