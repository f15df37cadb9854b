// SPDX-License-Identifier: GPL-2.0-or-later
/// Where in the file system the objects of deny and kill rules are, which those rules follow under any name.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plan/member.hpp"

namespace enforced::plan {

struct Objects {
    std::vector<std::string> anchors; // directories and files to be marked; sorted, none twice
    std::vector<std::string> scans; // trees to be searched for files with several links; none within another
};

Objects objects_of(std::span<const Member>);

} // namespace enforced::plan
