// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/needs.hpp"

#include <algorithm>
#include <optional>

#include "plan/kernel.hpp"

namespace enforced::plan {
namespace {

using Hooks = std::vector<enforced_hook>;
using Need = std::vector<Hooks>; // one of them is enough, if all of its hooks are there

/// Without these no task keeps its policy. What goes by the task's label needs all of them.
const Hooks label{
    ENFORCED_HOOK_cgroup_mkdir, ENFORCED_HOOK_cgroup_attach_task,  ENFORCED_HOOK_sched_process_exit,
    ENFORCED_HOOK_task_alloc,   ENFORCED_HOOK_bprm_check_security, ENFORCED_HOOK_bprm_committed_creds,
    ENFORCED_HOOK_iter_task};

Hooks by_label(Hooks hooks) {
    hooks.insert(hooks.end(), label.begin(), label.end());
    return hooks;
}

/// The guard, and what else would undo any rule that goes by name, belong to all file rules.
Need file() {
    return {by_label({ENFORCED_HOOK_file_open, ENFORCED_HOOK_file_receive, ENFORCED_HOOK_path_rename,
                      ENFORCED_HOOK_path_link, ENFORCED_HOOK_path_chroot, ENFORCED_HOOK_sb_mount,
                      ENFORCED_HOOK_sb_umount, ENFORCED_HOOK_sb_remount, ENFORCED_HOOK_sb_pivotroot,
                      ENFORCED_HOOK_move_mount})};
}

struct AccessNeed {
    std::uint32_t access;
    std::string_view name;
    std::vector<Need> needs;
};

/// Before 6.2, path_truncate sees what file_truncate sees since, and the hooks of extended attributes what
/// those of ACLs see; before 6.8, file_ioctl what file_ioctl_compat sees; before 6.17 there is nothing that
/// inode_file_setattr sees besides: where both are there, both are used.
const std::vector<AccessNeed>& file_accesses() {
    static const std::vector<AccessNeed> needs{
        {policy::access_write, "write", {{{ENFORCED_HOOK_path_truncate}, {ENFORCED_HOOK_file_truncate}}}},
        {policy::access_create,
         "create",
         {{{ENFORCED_HOOK_path_mknod, ENFORCED_HOOK_path_mkdir, ENFORCED_HOOK_path_symlink}}}},
        {policy::access_delete, "delete", {{{ENFORCED_HOOK_path_unlink, ENFORCED_HOOK_path_rmdir}}}},
        {policy::access_attr,
         "attr",
         {{{ENFORCED_HOOK_path_chmod, ENFORCED_HOOK_path_chown, ENFORCED_HOOK_inode_setattr,
            ENFORCED_HOOK_inode_setxattr, ENFORCED_HOOK_inode_removexattr, ENFORCED_HOOK_file_ioctl,
            ENFORCED_HOOK_mnt_want_write, ENFORCED_HOOK_mnt_want_write_file}},
          {{ENFORCED_HOOK_file_ioctl_compat}, {ENFORCED_HOOK_file_ioctl}},
          {{ENFORCED_HOOK_inode_file_setattr}, {ENFORCED_HOOK_file_ioctl}},
          {{ENFORCED_HOOK_inode_set_acl}, {ENFORCED_HOOK_inode_setxattr}},
          {{ENFORCED_HOOK_inode_remove_acl}, {ENFORCED_HOOK_inode_removexattr}}}},
    };
    return needs;
}

Need exec() {
    return {
        by_label({ENFORCED_HOOK_bprm_check_security, ENFORCED_HOOK_mmap_file, ENFORCED_HOOK_file_mprotect})};
}

Need writable_memory() {
    return {by_label({ENFORCED_HOOK_mmap_file, ENFORCED_HOOK_file_mprotect})};
}

/// What keeps governed units off the daemon: as much of it as there is.
const Hooks self_protection{ENFORCED_HOOK_file_open,
                            ENFORCED_HOOK_file_receive,
                            ENFORCED_HOOK_file_ioctl,
                            ENFORCED_HOOK_file_ioctl_compat,
                            ENFORCED_HOOK_file_truncate,
                            ENFORCED_HOOK_path_truncate,
                            ENFORCED_HOOK_path_mknod,
                            ENFORCED_HOOK_path_mkdir,
                            ENFORCED_HOOK_path_symlink,
                            ENFORCED_HOOK_path_unlink,
                            ENFORCED_HOOK_path_rmdir,
                            ENFORCED_HOOK_path_rename,
                            ENFORCED_HOOK_path_link,
                            ENFORCED_HOOK_path_chmod,
                            ENFORCED_HOOK_path_chown,
                            ENFORCED_HOOK_inode_setxattr,
                            ENFORCED_HOOK_inode_removexattr,
                            ENFORCED_HOOK_inode_set_acl,
                            ENFORCED_HOOK_inode_remove_acl,
                            ENFORCED_HOOK_inode_file_setattr,
                            ENFORCED_HOOK_sb_mount,
                            ENFORCED_HOOK_sb_umount,
                            ENFORCED_HOOK_sb_remount,
                            ENFORCED_HOOK_sb_pivotroot,
                            ENFORCED_HOOK_move_mount,
                            ENFORCED_HOOK_bpf,
                            ENFORCED_HOOK_bpf_map,
                            ENFORCED_HOOK_bpf_prog,
                            ENFORCED_HOOK_task_kill,
                            ENFORCED_HOOK_ptrace_access_check,
                            ENFORCED_HOOK_task_setrlimit,
                            ENFORCED_HOOK_task_setnice,
                            ENFORCED_HOOK_task_setscheduler,
                            ENFORCED_HOOK_task_setioprio,
                            ENFORCED_HOOK_task_movememory,
                            ENFORCED_HOOK_file_fcntl,
                            ENFORCED_HOOK_file_send_sigiotask,
                            ENFORCED_HOOK_file_lock,
                            ENFORCED_HOOK_path_notify};

/// The second of these is the second line where there is the first, and what there is where there is not: it
/// goes by the cgroup alone, and is not asked about everything.
Need connect() {
    return {by_label({ENFORCED_HOOK_socket_connect, ENFORCED_HOOK_socket_sendmsg,
                      ENFORCED_HOOK_sctp_bind_connect}),
            {ENFORCED_HOOK_cgroup_connect4, ENFORCED_HOOK_cgroup_connect6, ENFORCED_HOOK_cgroup_sendmsg4,
             ENFORCED_HOOK_cgroup_sendmsg6, ENFORCED_HOOK_cgroup_mkdir}};
}

/// What leaves by no way that a socket is asked about.
Need packets() {
    return {{ENFORCED_HOOK_cgroup_egress, ENFORCED_HOOK_cgroup_mkdir}};
}

Need bind() {
    return {
        by_label({ENFORCED_HOOK_socket_bind, ENFORCED_HOOK_socket_listen, ENFORCED_HOOK_sctp_bind_connect}),
        {ENFORCED_HOOK_cgroup_bind4, ENFORCED_HOOK_cgroup_bind6, ENFORCED_HOOK_cgroup_mkdir}};
}

/// The second is for sockets that the unit listens with, but did not make.
Need accept() {
    return {by_label(
        {ENFORCED_HOOK_inet_conn_request, ENFORCED_HOOK_socket_accept, ENFORCED_HOOK_socket_listen})};
}

Need unix_sockets() {
    return {by_label({ENFORCED_HOOK_unix_stream_connect, ENFORCED_HOOK_unix_may_send})};
}

Need every_family() {
    return {by_label({ENFORCED_HOOK_socket_create})};
}

Need internet_families() {
    return {{ENFORCED_HOOK_cgroup_sock_create, ENFORCED_HOOK_cgroup_mkdir}};
}

// Of what cgroup programs do not see. They are asked about sockets of every protocol only when these are
// made.
constexpr const char* connect_gap =
    "protocols other than TCP and UDP, and processes that have left the unit's cgroup";
constexpr const char* bind_gap =
    "raw sockets, listening on what was not bound, and processes that have left the unit's cgroup";
constexpr const char* packets_gap = "packets of raw sockets, and connections that the kernel makes by itself";
constexpr const char* accept_gap = "peers whose connections are accepted";
constexpr const char* unix_gap = "local sockets";
constexpr const char* families_gap = "processes that have left the unit's cgroup";

Need capability() {
    return {by_label({ENFORCED_HOOK_capable})};
}

/// By enum enforced_kernel_key.
Need kernel(unsigned key) {
    switch (key) {
    case ENFORCED_KERNEL_MOUNT:
        return {
            by_label({ENFORCED_HOOK_sb_mount, ENFORCED_HOOK_sb_umount, ENFORCED_HOOK_sb_remount,
                      ENFORCED_HOOK_sb_pivotroot, ENFORCED_HOOK_move_mount, ENFORCED_HOOK_sb_kern_mount})};
    case ENFORCED_KERNEL_PTRACE:
        return {by_label({ENFORCED_HOOK_ptrace_access_check})};
    case ENFORCED_KERNEL_SIGNAL: {
        const Hooks hooks =
            by_label({ENFORCED_HOOK_task_kill, ENFORCED_HOOK_file_fcntl, ENFORCED_HOOK_file_ioctl,
                      ENFORCED_HOOK_file_open, ENFORCED_HOOK_file_receive});
        Hooks compat = hooks; // since 6.8
        compat.push_back(ENFORCED_HOOK_file_ioctl_compat);
        return {hooks, compat};
    }
    case ENFORCED_KERNEL_MODULES:
        return {by_label({ENFORCED_HOOK_kernel_module_request, ENFORCED_HOOK_kernel_read_file,
                          ENFORCED_HOOK_kernel_load_data, ENFORCED_HOOK_capable})};
    case ENFORCED_KERNEL_BPF:
        return {by_label({ENFORCED_HOOK_bpf})};
    case ENFORCED_KERNEL_USER_NAMESPACE:
        return {by_label({ENFORCED_HOOK_userns_create})};
    case ENFORCED_KERNEL_IO_URING: // before 6.15, only the file that a ring is
        return {by_label({ENFORCED_HOOK_uring_allowed}), by_label({ENFORCED_HOOK_inode_init_security_anon})};
    case ENFORCED_KERNEL_PERF:
        return {by_label({ENFORCED_HOOK_perf_event_open})};
    case ENFORCED_KERNEL_KEYRING:
        return {by_label({ENFORCED_HOOK_key_alloc, ENFORCED_HOOK_key_permission})};
    case ENFORCED_KERNEL_TUNABLES:
        return {by_label({ENFORCED_HOOK_file_open, ENFORCED_HOOK_file_receive})};
    case ENFORCED_KERNEL_SYSTEMD:
        return {by_label({ENFORCED_HOOK_unix_stream_connect})};
    default:
        return {};
    }
}

class Judge {
  public:
    Judge(const policy::Policy& policy, const Facts& facts) : policy_(policy), facts_(facts) {
        if (policy.file)
            judge(*policy.file);
        if (policy.exec)
            judge(*policy.exec);
        if (policy.network)
            judge(*policy.network);
        if (policy.capability)
            judge(*policy.capability);
        if (policy.kernel)
            judge(*policy.kernel);
        if (support_.hooks[ENFORCED_HOOK_task_alloc]) // some rule goes by the task's label
            for (const auto hook : self_protection)
                support_.hooks[hook] = support_.hooks[hook] || facts_.hooks[hook];
    }

    [[nodiscard]] Support support() && { return std::move(support_); }

  private:
    [[nodiscard]] std::optional<enforced_hook> missing(const Hooks& hooks) const {
        const auto found = std::ranges::find_if(hooks, [this](auto hook) { return !facts_.hooks[hook]; });
        return found == hooks.end() ? std::nullopt : std::optional(*found);
    }

    /// Uses every way to meet the need that there is. If there is none, says what is missing for it.
    std::optional<std::string> unmet(const Need& need) {
        bool met = false;
        std::vector<std::string_view> lacks;
        for (const auto& hooks : need) {
            const auto lack = missing(hooks);
            if (lack && std::ranges::find(lacks, name_of(*lack)) == lacks.end())
                lacks.push_back(name_of(*lack));
            if (lack)
                continue;
            met = true;
            for (const auto hook : hooks)
                support_.hooks.set(hook);
        }
        if (met)
            return std::nullopt;
        std::string text;
        for (const auto lack : lacks)
            text += (text.empty() ? "" : " or ") + std::string(lack);
        return text;
    }

    bool can(const Need& need, std::string key, const policy::Location& at) {
        const auto lacks = unmet(need);
        if (lacks)
            support_.shortfalls.push_back(
                {.policy = policy_.name, .key = std::move(key), .needs = *lacks, .at = at});
        return !lacks;
    }

    /// Says what is missing where a need is met, but not in the first of its ways.
    void admit(const Need& need, const char* key, const char* what, const policy::Location& at) {
        if (const auto lack = missing(need.front()))
            support_.gaps.push_back({.policy = policy_.name,
                                     .key = key,
                                     .what = what,
                                     .needs = std::string(name_of(*lack)),
                                     .at = at});
    }

    void judge(const policy::File& file_section) {
        std::uint32_t accesses = 0;
        for (const auto& rule : file_section.rules)
            accesses |= rule.access;
        if (file_section.default_.value == policy::Permission::deny)
            accesses = policy::access_all;
        if (accesses == 0 || !can(file(), "file", file_section.at))
            return;
        support_.parts.file = true;
        for (const auto& access : file_accesses())
            if (accesses & access.access)
                for (const auto& need : access.needs)
                    if (!can(need, "file (access " + std::string(access.name) + ")", file_section.at)) {
                        accesses &= ~access.access;
                        break;
                    }
        support_.parts.accesses = accesses;
    }

    void judge(const policy::Exec& section) {
        auto& parts = support_.parts;
        const bool by_name = section.default_.value == policy::Permission::deny || !section.deny.empty();
        parts.exec = by_name && can(exec(), "exec", section.at);
        if (section.anonymous && section.anonymous->value == policy::Permission::deny)
            parts.anonymous = can(exec(), "exec.anonymous", section.anonymous->at);
        else // what has no name is on no list
            parts.anonymous =
                !section.anonymous && section.default_.value == policy::Permission::deny && parts.exec;
        if (section.writable_memory && section.writable_memory->value == policy::Permission::deny)
            parts.writable_memory =
                can(writable_memory(), "exec.writable-memory", section.writable_memory->at);
    }

    void judge(const policy::Network& section) {
        const bool by_default = section.default_.value == policy::Permission::deny;
        const auto ruled = [&](const auto& rules) {
            return by_default || !rules.allow.empty() || !rules.deny.empty();
        };
        auto& parts = support_.parts;
        parts.connect = ruled(section.connect) && can(connect(), "network.connect", section.at);
        parts.bind = ruled(section.bind) && can(bind(), "network.bind", section.at);
        if (const auto lacks = parts.connect ? unmet(packets()) : std::nullopt)
            support_.gaps.push_back({.policy = policy_.name,
                                     .key = "network.connect",
                                     .what = packets_gap,
                                     .needs = *lacks,
                                     .at = section.at});
        if (parts.connect)
            admit(connect(), "network.connect", connect_gap, section.at);
        if (parts.bind)
            admit(bind(), "network.bind", bind_gap, section.at);
        parts.accept =
            ruled(section.accept) && holds(accept(), section.accept, "network.accept", accept_gap, section);
        parts.unix_ =
            ruled(section.unix_) && holds(unix_sockets(), section.unix_, "network.unix", unix_gap, section);
        if (!section.families)
            return;
        const bool internet = !unmet(internet_families());
        const bool every = can(every_family(),
                               internet ? "network.families (other than inet and inet6)" : "network.families",
                               section.families_at);
        parts.families = every || internet;
        if (parts.families)
            admit(every_family(), "network.families", families_gap, section.families_at);
    }

    /// Of what nothing but the default speaks, only the rest of the section is in force where the kernel
    /// cannot hold that: who wrote `default = "deny"` for the sake of addresses is to have it.
    template<class Rules>
    bool holds(const Need& need, const Rules& rules, const char* key, const char* what,
               const policy::Network& section) {
        if (!rules.allow.empty() || !rules.deny.empty())
            return can(need, key, section.at);
        const auto lacks = unmet(need);
        if (lacks)
            support_.gaps.push_back({.policy = policy_.name,
                                     .key = "network.default",
                                     .what = what,
                                     .needs = *lacks,
                                     .at = section.at});
        return !lacks;
    }

    void judge(const policy::Capability& section) {
        const bool ruled = section.default_.value == policy::Permission::deny || !section.deny.empty();
        support_.parts.capability = ruled && can(capability(), "capability", section.at);
    }

    void judge(const policy::Kernel& section) {
        for (unsigned key = 0; key < section.keys.size(); key++) {
            const auto& value = section.keys[key];
            if (value && value->value == policy::Permission::deny)
                support_.parts.kernel[key] = can(kernel(key), kernel_rule(key), value->at);
        }
    }

    const policy::Policy& policy_;
    const Facts& facts_;
    Support support_;
};

} // namespace

Support support(const policy::Policy& policy, const Facts& facts) {
    return Judge(policy, facts).support();
}

std::string_view name_of(enforced_hook hook) {
    static constexpr std::string_view names[] = {
#define ENFORCED_HOOK_NAME(name, kind) #name,
        ENFORCED_HOOKS(ENFORCED_HOOK_NAME)
#undef ENFORCED_HOOK_NAME
    };
    return names[hook];
}

} // namespace enforced::plan
