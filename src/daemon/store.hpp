// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "daemon/archive.hpp"

namespace enforced::daemon {

inline constexpr const char* store_path = "/run/enforced";

/// Where a daemon leaves what the one after it has to know; gone at the next boot, as what is in force is.
class Store {
  public:
    explicit Store(std::string directory = store_path) : directory_(std::move(directory)) {}

    Status keep(const Archive& archive) const;
    Status keep(const Record& record) const;
    [[nodiscard]] Status forget_record() const;

    /// What was kept; none if nothing was.
    [[nodiscard]] Result<std::optional<Archive>> archive() const;
    [[nodiscard]] Result<std::optional<Record>> record() const;

  private:
    [[nodiscard]] std::string archive_path() const { return directory_ + "/in-force.json"; }
    [[nodiscard]] std::string record_path() const { return directory_ + "/probation.json"; }

    std::string directory_;
};

} // namespace enforced::daemon
