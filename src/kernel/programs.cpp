// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/programs.hpp"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "enforced.skel.h"
#include "kernel/constants.hpp"

namespace enforced::kernel {
namespace {

/// What libbpf says while an object is opened or loaded: it names a program that was refused nowhere else.
class Complaints {
  public:
    Complaints() : previous_(libbpf_set_print(take)) { text().clear(); }
    Complaints(const Complaints&) = delete;
    Complaints& operator=(const Complaints&) = delete;
    ~Complaints() { libbpf_set_print(previous_); }

    /// The program that the first complaint is about; empty if it is about none.
    [[nodiscard]] static std::string program() {
        constexpr std::string_view before = "libbpf: prog '";
        const std::size_t begin = text().find(before);
        if (begin == text().npos)
            return {};
        const std::size_t name = begin + before.size();
        return text().substr(name, text().find('\'', name) - name);
    }

    /// Its last lines, which in a verifier's log are those that matter.
    [[nodiscard]] static std::string end() {
        constexpr std::size_t enough = 600;
        if (text().size() <= enough)
            return text();
        const std::size_t line = text().find('\n', text().size() - enough);
        return line == text().npos ? text() : text().substr(line + 1);
    }

    /// Whether a verifier said what it minds.
    [[nodiscard]] static bool has_log() { return text().find("BEGIN PROG LOAD LOG") != text().npos; }

  private:
    // libbpf's callback has no room for a context.
    static std::string& text() {
        static std::string text;
        return text;
    }

    static int take(libbpf_print_level level, const char* format, va_list arguments) {
        char* line = nullptr;
        if (level != LIBBPF_WARN)
            return 0;
        // However long a verifier's log is: the reason stands at its end.
        const int length = vasprintf(&line, format, arguments);
        if (length < 0)
            return 0;
        text() += line;
        std::free(line);
        return length;
    }

    libbpf_print_fn_t previous_;
};

Result<bpf_object*> open_object() {
    LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "enforced");
    std::size_t size = 0;
    const void* bytes = enforced_bpf::elf_bytes(&size);
    bpf_object* object = bpf_object__open_mem(bytes, size, &options);

    if (!object)
        return failure("open the BPF object", errno);
    return object;
}

void choose(bpf_object* object, const HookSet& wanted) {
    bpf_program* program = nullptr;

    bpf_object__for_each_program(program, object) {
        const auto hook = find_hook(bpf_program__name(program));
        bpf_program__set_autoload(program, hook && wanted.test(hook->number));
    }
}

/// The name under which the kernel's type information knows a hook; empty where it needs none.
std::string kernel_name(const Hook& hook) {
    switch (hook.kind) {
    case HookKind::lsm:
        return fmt::format("bpf_lsm_{}", hook.name);
    case HookKind::trace:
        return fmt::format("btf_trace_{}", hook.name);
    case HookKind::watch:
        return hook.name;
    case HookKind::iter:
        return fmt::format("bpf_{}", hook.name);
    case HookKind::cgroup:
        break;
    }
    return {};
}

unsigned kind_of_type(const Hook& hook) {
    return hook.kind == HookKind::trace ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC;
}

std::string refusal_text(int code) {
    // EPERM is a kernel that takes no such program, whatever it is; else the verifier says what it minds.
    if (code == EPERM || !Complaints::has_log())
        return fmt::format("the kernel does not take its program: {}", std::strerror(code));
    return fmt::format("the kernel does not take its program: {}\n{}", std::strerror(code),
                       Complaints::end());
}

} // namespace

void Programs::Close::operator()(bpf_object* object) const {
    bpf_object__close(object);
}

Status check_types() {
    if (access("/sys/kernel/btf/vmlinux", R_OK) < 0)
        return failure(
            "this kernel does not describe its types in /sys/kernel/btf/vmlinux, which the programs need: "
            "it has to be built with CONFIG_DEBUG_INFO_BTF=y",
            errno);
    return {};
}

std::uint64_t build_fingerprint() {
    std::size_t size = 0;
    const auto* bytes = static_cast<const unsigned char*>(enforced_bpf::elf_bytes(&size));
    std::uint64_t hash = 0xcbf29ce484222325;

    for (std::size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3; // FNV-1a
    return hash;
}

Result<std::vector<MapShape>> program_map_shapes() {
    const Complaints complaints;
    const auto object = open_object();
    std::vector<MapShape> shapes;
    const bpf_map* map = nullptr;

    if (!object)
        return std::unexpected(object.error());
    bpf_object__for_each_map(map, *object) {
        if (!bpf_map__is_internal(map)) // constants: each load has its own
            shapes.push_back({bpf_map__name(map), bpf_map__type(map), bpf_map__key_size(map),
                              bpf_map__value_size(map), bpf_map__max_entries(map), bpf_map__map_flags(map)});
    }
    bpf_object__close(*object);
    return shapes;
}

Result<std::map<std::string, Fd>> create_program_maps() {
    const Complaints complaints;
    const auto object = open_object();
    std::map<std::string, Fd> maps;
    const bpf_map* map = nullptr;

    if (!object)
        return std::unexpected(object.error());
    choose(*object, {});
    if (bpf_object__load(*object)) {
        const int code = errno;
        bpf_object__close(*object);
        return failure("create the maps (" + Complaints::end() + ")", code);
    }
    bpf_object__for_each_map(map, *object) {
        if (!bpf_map__is_internal(map))
            maps.emplace(bpf_map__name(map), Fd(fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 3)));
    }
    bpf_object__close(*object);
    return maps;
}

void Programs::refuse(const Hook& hook, const std::string& reason) {
    refusals_[hook.number] = reason;
}

/// One look at the kernel's types, instead of one failed load for each hook that it does not have.
void Programs::skip_missing_hooks(const HookSet& wanted) {
    btf* types = btf__load_vmlinux_btf();
    std::map<std::pair<std::string_view, unsigned>, bool> known;
    std::array<std::string, ENFORCED_HOOK_COUNT> names;

    if (!types) // the load will say so
        return;
    for (const Hook& hook : hooks) {
        names[hook.number] = kernel_name(hook);
        if (wanted.test(hook.number) && !names[hook.number].empty())
            known[{names[hook.number], kind_of_type(hook)}] = false;
    }
    for (std::uint32_t id = 1; id < btf__type_cnt(types); id++) {
        const btf_type* type = btf__type_by_id(types, id);
        const auto found = known.find({btf__name_by_offset(types, type->name_off), btf_kind(type)});
        if (found != known.end())
            found->second = true;
    }
    for (const Hook& hook : hooks) {
        const auto found = known.find({names[hook.number], kind_of_type(hook)});
        if (found != known.end() && !found->second)
            refuse(hook, "this kernel has no such hook");
    }
    btf__free(types);
}

Result<Programs::Object> Programs::try_load(const HookSet& wanted, const Maps& maps, std::string& refused,
                                            std::string& reason) {
    const Complaints complaints;
    auto opened = open_object();
    bpf_map* map = nullptr;

    if (!opened)
        return std::unexpected(opened.error());
    Object object(*opened);
    choose(object.get(), wanted);
    if (const auto set = set_constants(object.get()); !set)
        return std::unexpected(set.error());
    bpf_object__for_each_map(map, object.get()) {
        if (!bpf_map__is_internal(map) && bpf_map__reuse_fd(map, maps.fd(bpf_map__name(map))))
            return failure(fmt::format("use the map {}", bpf_map__name(map)), errno);
    }
    if (!bpf_object__load(object.get()))
        return object;
    const int code = errno;
    refused = Complaints::program();
    reason = refusal_text(code);
    return failure("load the BPF programs (" + Complaints::end() + ")", code);
}

Status Programs::load(const HookSet& wanted, const Maps& maps) {
    HookSet missing = wanted & ~loaded_;
    const auto without_refused = [&] {
        for (const Hook& hook : hooks) {
            if (no_lsm_ && hook.kind == HookKind::lsm && missing.test(hook.number) &&
                refusal(hook.number).empty())
                refuse(hook, "the kernel does not take any LSM program: Operation not permitted");
            if (!refusal(hook.number).empty())
                missing.reset(hook.number);
        }
        return missing;
    };

    if (without_refused().none())
        return {};
    if (auto described = check_types(); !described)
        return described;
    skip_missing_hooks(missing);
    // libbpf loads an object as a whole: one program that is refused is left out, and the rest tried again.
    while (without_refused().any()) {
        std::string refused, reason;
        auto object = try_load(missing, maps, refused, reason);
        if (object) {
            for (const Hook& hook : hooks) {
                if (missing.test(hook.number))
                    programs_[hook.number] = bpf_object__find_program_by_name(object->get(), hook.name);
            }
            loaded_ |= missing;
            objects_.push_back(std::move(*object));
            return {};
        }
        const auto hook = find_hook(refused);
        if (!hook || !missing.test(hook->number))
            return std::unexpected(object.error());
        refuse(*hook, reason);
        // Where there are no trampolines, or loading them is forbidden, it is so for all of them alike.
        if (hook->kind == HookKind::lsm && object.error().code == EPERM)
            no_lsm_ = true;
    }
    return {};
}

Result<Fd> Programs::attach(enforced_hook hook, int cgroup) const {
    const Complaints complaints;
    bpf_link* link = hooks[hook].kind == HookKind::cgroup
                         ? bpf_program__attach_cgroup(programs_[hook], cgroup)
                         : bpf_program__attach(programs_[hook]);
    if (!link)
        return failure(fmt::format("attach the program of {}", hooks[hook].name), errno);
    Fd fd(fcntl(bpf_link__fd(link), F_DUPFD_CLOEXEC, 3));
    bpf_link__destroy(link); // which holds no more than a descriptor
    if (!fd)
        return failure("dup", errno);
    return fd;
}

int Programs::fd(enforced_hook hook) const {
    return bpf_program__fd(programs_[hook]);
}

} // namespace enforced::kernel
