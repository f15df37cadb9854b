// SPDX-License-Identifier: GPL-2.0-or-later
/// Typed access to maps. All of these are loans of descriptors that `Maps` owns.
#pragma once

#include <bpf/bpf.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "abi/event.h"
#include "abi/policy.h"
#include "abi/rule.h"
#include "base/fd.hpp"
#include "base/result.hpp"

namespace enforced::kernel {

/// A hash. Only the daemon removes from ours, so that a walk over the keys sees each of them.
template<class Key, class Value>
class Table {
  public:
    explicit Table(int fd) : fd_(fd) {}

    [[nodiscard]] std::optional<Value> find(const Key& key) const {
        Value value{};
        return bpf_map_lookup_elem(fd_, &key, &value) ? std::nullopt : std::optional(value);
    }

    /// `flags`: BPF_ANY, or BPF_NOEXIST, which fails with EEXIST.
    Status put(const Key& key, const Value& value, std::uint64_t flags = BPF_ANY) {
        if (bpf_map_update_elem(fd_, &key, &value, flags))
            return failure("write to a map", errno);
        return {};
    }

    /// What is not there is removed already.
    void remove(const Key& key) { bpf_map_delete_elem(fd_, &key); }

    /// Removes an entry and says what it held in the end.
    std::optional<Value> take(const Key& key) {
        Value value{};
        return bpf_map_lookup_and_delete_elem(fd_, &key, &value) ? std::nullopt : std::optional(value);
    }

    [[nodiscard]] std::vector<std::pair<Key, Value>> entries() const {
        std::vector<std::pair<Key, Value>> found;
        Key key{}, next{};
        for (const Key* previous = nullptr; !bpf_map_get_next_key(fd_, previous, &next); previous = &key) {
            key = next;
            if (auto value = find(key))
                found.emplace_back(key, *value);
        }
        return found;
    }

  private:
    int fd_;
};

/// A mappable array, as memory.
template<class T>
class Mapped {
  public:
    static Result<Mapped> map(int fd, std::size_t count) {
        void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (memory == MAP_FAILED)
            return failure("map a BPF map into memory", errno);
        return Mapped(static_cast<T*>(memory), count);
    }

    Mapped(Mapped&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)), count_(other.count_) {}
    Mapped& operator=(Mapped&& other) noexcept {
        std::swap(memory_, other.memory_);
        std::swap(count_, other.count_);
        return *this;
    }
    ~Mapped() { unmap(); }

    /// It is not to be used any more.
    void unmap() {
        if (memory_)
            munmap(std::exchange(memory_, nullptr), count_ * sizeof(T));
    }

    T& operator[](std::size_t index) { return memory_[index]; }
    const T& operator[](std::size_t index) const { return memory_[index]; }

  private:
    Mapped(T* memory, std::size_t count) : memory_(memory), count_(count) {}

    T* memory_;
    std::size_t count_;
};

/// What a map has to be like to be ours.
struct MapShape {
    std::string name;
    std::uint32_t type = 0;
    std::uint32_t key_size = 0;
    std::uint32_t value_size = 0;
    std::uint32_t max_entries = 0;
    std::uint32_t flags = 0;
};

/// The shapes of the maps that no program reads.
std::vector<MapShape> own_shapes();

Result<Fd> create_map(const MapShape&);

/// Says in what a map differs from its shape, if it does.
Status check_shape(int fd, const MapShape&);

/// All maps, by name.
class Maps {
  public:
    /// Takes descriptors of every map, ours and the programs'.
    static Result<Maps> own(std::map<std::string, Fd> fds);

    /// A loan; -1 if there is no such map.
    [[nodiscard]] int fd(const std::string& name) const;

    /// Every map by name, to be pinned.
    [[nodiscard]] const std::map<std::string, Fd>& all() const { return fds_; }

    /// The size of a mappable array, for those whose values only the programs understand.
    [[nodiscard]] std::size_t bytes(const std::string& name) const;

    /// The kernel's number of a map.
    [[nodiscard]] std::uint32_t id(const std::string& name) const;

    enforced_control& control() { return control_[0]; }
    [[nodiscard]] const enforced_control& control() const { return control_[0]; }

    /// The cells of a bank of either parity; index below 2 * ENFORCED_BANKS.
    std::uint64_t* bank(std::size_t index) { return &banks_[index * ENFORCED_BANK_CELLS]; }

    [[nodiscard]] auto anchors() const { return Table<enforced_anchor_key, enforced_anchor>(fd("anchors")); }
    [[nodiscard]] auto guards() const { return Table<enforced_guard_key, std::uint32_t>(fd("guards")); }
    [[nodiscard]] auto units() const { return Table<std::uint64_t, enforced_unit>(fd("units")); }
    [[nodiscard]] auto cgroups() const { return Table<std::uint64_t, enforced_cgroup>(fd("cgroups")); }
    [[nodiscard]] auto launches() const { return Table<std::uint64_t, std::uint32_t>(fd("launches")); }
    [[nodiscard]] auto counters() const { return Table<enforced_counter_key, enforced_counter>(fd("counters")); }
    [[nodiscard]] auto repeats() const { return Table<std::uint64_t, enforced_repeat>(fd("repeats")); }
    [[nodiscard]] auto sets() const { return Table<std::uint32_t, enforced_set>(fd("sets")); }
    [[nodiscard]] auto labels() const { return Table<int, enforced_label>(fd("labels")); }
    [[nodiscard]] auto rules() const { return Table<std::uint32_t, enforced_rule>(fd("rules")); }
    [[nodiscard]] auto logged() const { return Table<std::uint64_t, std::uint64_t>(fd("logged")); }
    [[nodiscard]] auto accounted() const {
        return Table<enforced_counter_key, std::uint64_t>(fd("accounted"));
    }
    [[nodiscard]] auto state() const { return Table<std::uint32_t, enforced_state>(fd("state")); }

    /// In a child process that shall not reach what is in the maps: nothing of this may be used any more.
    void unmap() {
        control_.unmap();
        banks_.unmap();
    }

    /// Of enum enforced_statistic, since the maps were made.
    [[nodiscard]] std::uint64_t statistic(enforced_statistic which) const;

  private:
    Maps(std::map<std::string, Fd> fds, Mapped<enforced_control> control, Mapped<std::uint64_t> banks)
        : fds_(std::move(fds)), control_(std::move(control)), banks_(std::move(banks)) {}

    std::map<std::string, Fd> fds_;
    Mapped<enforced_control> control_;
    Mapped<std::uint64_t> banks_;
};

} // namespace enforced::kernel
