// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/store.hpp"

#include "host/atomic_file.hpp"

namespace enforced::daemon {
namespace {

// The texts of all policies may be that large, and are not: each is bounded by itself.
constexpr std::size_t limit = std::size_t{1} << 30; // bytes

Status write(const std::string& directory, const std::string& path, const std::string& text) {
    if (auto made = host::make_directories(directory); !made)
        return made;
    return host::write_text(path, text);
}

template<class T>
Result<std::optional<T>> read(const std::string& path, Result<T> (*convert)(const std::string&)) {
    const auto text = host::read_text(path, limit);
    if (!text)
        return std::unexpected(text.error());
    if (!*text)
        return std::nullopt;
    auto converted = convert(**text);
    if (!converted)
        return failure(path + ": " + converted.error().message);
    return std::optional(std::move(*converted));
}

} // namespace

Status Store::keep(const Archive& archive) const {
    return write(directory_, archive_path(), write_archive(archive));
}

Status Store::keep(const Record& record) const {
    return write(directory_, record_path(), write_record(record));
}

Status Store::forget_record() const {
    return host::remove_file(record_path());
}

Result<std::optional<Archive>> Store::archive() const {
    return read<Archive>(archive_path(), read_archive);
}

Result<std::optional<Record>> Store::record() const {
    return read<Record>(record_path(), read_record);
}

} // namespace enforced::daemon
