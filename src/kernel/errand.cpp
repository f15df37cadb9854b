// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/errand.hpp"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/kexec.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "kernel/chore.hpp"
#include "kernel/sockets.hpp"

namespace enforced::kernel {
namespace {

// Hidden in the child's own namespace only. Every system has it.
constexpr const char* cage_path = "/run";

int touch(const char* path) {
    return opened(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

/// An ACL that says no more than mode 0700.
constexpr std::array<std::uint32_t, 7> acl = {
    2, // version
    0x01U | 7U << 16,
    ~0U, // the owner
    0x04U,
    ~0U, // the group
    0x20U,
    ~0U, // others
};

int receive_parcel(const Fd& parcel) {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    char byte = 0;
    iovec data = {&byte, 1};
    msghdr message{};

    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const int error = told(recvmsg(parcel.get(), &message, MSG_DONTWAIT));
    return error ? error : not_told; // a descriptor that is withheld is only missing
}

int fork_once() {
    const pid_t child = fork();
    if (!child)
        _exit(0);
    const int error = told(child);
    if (child > 0)
        waitpid(child, nullptr, 0);
    return error;
}

int move_into(const std::string& cgroup) {
    mkdir(cgroup.c_str(), 0700); // of no matter if the errand before has made it
    const Fd procs(open((cgroup + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (!procs)
        return errno;
    return told(write(procs.get(), "0", 1));
}

int map_page(int protection) {
    return mmap(nullptr, 1, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

int protect_page() {
    void* page = mmap(nullptr, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? errno : told(mprotect(page, 1, PROT_READ));
}

int execute() {
    char name[] = "true";
    char* arguments[] = {name, nullptr};
    char* environment[] = {nullptr};
    return told(execve("/bin/true", arguments, environment));
}

/// A setting of the kernel's that begins with this text; what cannot be read is none.
bool setting_is(const char* path, char value) {
    char first = 0;
    const Fd file(open(path, O_RDONLY | O_CLOEXEC));
    return file && read(file.get(), &first, 1) == 1 && first == value;
}

/// A protocol that there is not, for which the kernel looks among the modules.
int request_module() {
    if (setting_is("/proc/sys/kernel/modprobe", '\n')) // nobody is ever asked for one
        return not_needed;
    const int error = opened(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 200));
    return error == EPROTONOSUPPORT ? not_told : error;
}

/// Where nobody can load a kernel the hook has nothing to do.
int told_of_kexec(long returned) {
    const int error = told(returned);
    const bool off = error == EPERM && setting_is("/proc/sys/kernel/kexec_load_disabled", '1');
    return off || error == ENOSYS ? not_needed : error;
}

/// A child has the new namespace, if there is one.
int make_user_namespace() {
    const long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (!child)
        _exit(0);
    const int error = told(child);
    if (child > 0)
        waitpid(static_cast<pid_t>(child), nullptr, 0);
    return error == ENOSPC ? not_needed : error; // user.max_user_namespaces is 0
}

int make_ring() {
    io_uring_params parameters{};
    const int error = opened(static_cast<int>(syscall(SYS_io_uring_setup, 1, &parameters)));
    const bool off = error == EPERM && setting_is("/proc/sys/kernel/io_uring_disabled", '2');
    return off || error == ENOSYS ? not_needed : error;
}

int open_event() {
    perf_event_attr attributes{};
    attributes.type = PERF_TYPE_SOFTWARE;
    attributes.size = sizeof(attributes);
    attributes.config = PERF_COUNT_SW_DUMMY;
    return opened(
        static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC)));
}

/// To the process's own keyring, which is made for it and ends with it.
int add_key() {
    return told(syscall(SYS_add_key, "user", "enforced-canary", "", 1, KEY_SPEC_PROCESS_KEYRING));
}

int make_file_system() {
    const Fd made(fsopen("tmpfs", FSOPEN_CLOEXEC));
    if (!made)
        return errno;
    return told(fsconfig(made.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
}

/// Where its program is.
int look_into_daemon() {
    char path[32], text[1];
    std::snprintf(path, sizeof(path), "/proc/%d/exe", getppid());
    return told(readlink(path, text, sizeof(text)));
}

// include/uapi/linux/ioprio.h
constexpr int who_process = 1;
constexpr int best_effort = 2 << 13;

// Paths are relative to the cage. Where the hook is not asked the operation goes through, and must do no harm
// to those that follow.
const std::array table = {
    Errand{ENFORCED_HOOK_file_open, [](Cage&) { return opened(open("file", O_RDONLY | O_CLOEXEC)); }},
    Errand{ENFORCED_HOOK_file_receive, [](Cage& cage) { return receive_parcel(cage.parcel); }},
    Errand{ENFORCED_HOOK_file_ioctl,
           [](Cage& cage) {
               int flags = 0;
               return told(ioctl(cage.file.get(), FS_IOC_SETFLAGS, &flags));
           }},
    // Only a 32-bit program comes there, which the daemon cannot be. The kernel asks at one of the two as it
    // does at the other.
    Errand{ENFORCED_HOOK_file_ioctl_compat, [](Cage&) { return not_needed; }},
    Errand{ENFORCED_HOOK_file_truncate, [](Cage& cage) { return told(ftruncate(cage.file.get(), 0)); }},
    Errand{ENFORCED_HOOK_path_truncate, [](Cage&) { return told(truncate("file", 0)); }},
    Errand{ENFORCED_HOOK_path_mknod, [](Cage&) { return told(mknod("node", S_IFREG | 0600, 0)); }},
    Errand{ENFORCED_HOOK_path_mkdir, [](Cage&) { return told(mkdir("new", 0700)); }},
    Errand{ENFORCED_HOOK_path_symlink, [](Cage&) { return told(symlink("file", "symlink")); }},
    Errand{ENFORCED_HOOK_path_unlink, [](Cage&) { return told(unlink("to-unlink")); }},
    Errand{ENFORCED_HOOK_path_rmdir, [](Cage&) { return told(rmdir("to-remove")); }},
    Errand{ENFORCED_HOOK_path_rename, [](Cage&) { return told(rename("to-rename", "renamed")); }},
    Errand{ENFORCED_HOOK_path_link, [](Cage&) { return told(link("file", "link")); }},
    Errand{ENFORCED_HOOK_path_chmod, [](Cage&) { return told(chmod("file", 0600)); }},
    Errand{ENFORCED_HOOK_path_chown, [](Cage&) { return told(chown("file", 0, 0)); }},
    Errand{ENFORCED_HOOK_path_chroot, [](Cage&) { return told(chroot("/")); }},
    Errand{ENFORCED_HOOK_inode_setattr, [](Cage&) { return told(utimensat(AT_FDCWD, "file", nullptr, 0)); }},
    Errand{ENFORCED_HOOK_inode_setxattr,
           [](Cage&) { return told(setxattr("file", "trusted.enforced", "1", 1, 0)); }},
    Errand{ENFORCED_HOOK_inode_removexattr,
           [](Cage&) { return told(removexattr("file", "trusted.enforced")); }},
    Errand{
        ENFORCED_HOOK_inode_set_acl,
        [](Cage&) { return told(setxattr("file", "system.posix_acl_access", acl.data(), sizeof(acl), 0)); }},
    Errand{ENFORCED_HOOK_inode_remove_acl,
           [](Cage&) { return told(removexattr("file", "system.posix_acl_access")); }},
    Errand{ENFORCED_HOOK_inode_file_setattr, [](Cage&) { return set_file_attributes(); }},
    Errand{ENFORCED_HOOK_sb_mount,
           [](Cage&) { return told(mount("none", "directory", "tmpfs", 0, nullptr)); }},
    Errand{ENFORCED_HOOK_sb_remount,
           [](Cage& cage) {
               return told(fsconfig(cage.context.get(), FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0));
           }},
    // Neither is a mount point: what these ask for fails, but only behind the hook.
    Errand{ENFORCED_HOOK_sb_pivotroot,
           [](Cage&) { return told(syscall(SYS_pivot_root, "to-pivot", "to-pivot")); }},
    Errand{ENFORCED_HOOK_move_mount,
           [](Cage&) { return told(move_mount(AT_FDCWD, "to-pivot", AT_FDCWD, "to-move-to", 0)); }},
    Errand{ENFORCED_HOOK_mmap_file, [](Cage&) { return map_page(PROT_READ); }},
    Errand{ENFORCED_HOOK_file_mprotect, [](Cage&) { return protect_page(); }},
    Errand{ENFORCED_HOOK_socket_create,
           [](Cage&) { return opened(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }},
    Errand{ENFORCED_HOOK_cgroup_sock_create,
           [](Cage&) { return opened(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }},
    Errand{ENFORCED_HOOK_socket_bind, [](Cage& cage) { return bind_to(cage.to_bind4, false); }},
    Errand{ENFORCED_HOOK_cgroup_bind4, [](Cage& cage) { return bind_to(cage.to_bind4, false); }},
    Errand{ENFORCED_HOOK_cgroup_bind6, [](Cage& cage) { return bind_to(cage.to_bind6, true); }},
    Errand{ENFORCED_HOOK_socket_connect, [](Cage& cage) { return connect_to(cage.udp4, false); }},
    Errand{ENFORCED_HOOK_cgroup_connect4, [](Cage& cage) { return connect_to(cage.udp4, false); }},
    Errand{ENFORCED_HOOK_cgroup_connect6, [](Cage& cage) { return connect_to(cage.udp6, true); }},
    Errand{ENFORCED_HOOK_socket_sendmsg, [](Cage& cage) { return send_to(cage.to_send4, false); }},
    Errand{ENFORCED_HOOK_cgroup_sendmsg4, [](Cage& cage) { return send_to(cage.to_send4, false); }},
    Errand{ENFORCED_HOOK_cgroup_sendmsg6, [](Cage& cage) { return send_to(cage.to_send6, true); }},
    Errand{ENFORCED_HOOK_socket_listen, [](Cage& cage) { return told(listen(cage.tcp4.get(), 1)); }},
    Errand{ENFORCED_HOOK_socket_accept,
           [](Cage& cage) { return opened(accept4(cage.listener.get(), nullptr, nullptr, SOCK_CLOEXEC)); }},
    Errand{ENFORCED_HOOK_inet_conn_request, [](Cage&) { return connect_to_marked(); }},
    Errand{ENFORCED_HOOK_cgroup_egress, [](Cage&) { return connect_to_nobody(); }},
    // For that the kernel would have to load SCTP, which the machine is better off without.
    Errand{ENFORCED_HOOK_sctp_bind_connect, [](Cage&) { return not_needed; }},
    // That the capability is missing is all that the kernel says. One more copy of the namespace does no
    // harm.
    Errand{ENFORCED_HOOK_capable, [](Cage&) { return told(unshare(CLONE_NEWNS)); }, 0, EPERM},
    Errand{ENFORCED_HOOK_kernel_module_request, [](Cage&) { return request_module(); }},
    // Neither gets far behind the hook: the file is no kernel, and the flags are none.
    Errand{ENFORCED_HOOK_kernel_read_file,
           [](Cage& cage) {
               return told_of_kexec(
                   syscall(SYS_kexec_file_load, cage.image.get(), -1, 0, nullptr, KEXEC_FILE_NO_INITRAMFS));
           }},
    Errand{ENFORCED_HOOK_kernel_load_data,
           [](Cage&) { return told_of_kexec(syscall(SYS_kexec_load, nullptr, 0, nullptr, 0x8000)); }},
    Errand{ENFORCED_HOOK_bpf,
           [](Cage&) {
               bpf_attr attributes{};
               return told(syscall(SYS_bpf, BPF_MAP_GET_NEXT_ID, &attributes, sizeof(attributes)));
           }},
    Errand{ENFORCED_HOOK_userns_create, [](Cage&) { return make_user_namespace(); }},
    Errand{ENFORCED_HOOK_uring_allowed, [](Cage&) { return make_ring(); }},
    Errand{ENFORCED_HOOK_inode_init_security_anon, [](Cage&) { return make_ring(); }},
    Errand{ENFORCED_HOOK_perf_event_open, [](Cage&) { return open_event(); }},
    Errand{ENFORCED_HOOK_key_alloc, [](Cage&) { return add_key(); }},
    Errand{ENFORCED_HOOK_key_permission, [](Cage&) { return add_key(); }},
    Errand{ENFORCED_HOOK_sb_kern_mount, [](Cage&) { return make_file_system(); }},
    Errand{ENFORCED_HOOK_ptrace_access_check, [](Cage&) { return look_into_daemon(); }, 0, EACCES},
    // There is such a process: that is all that is asked.
    Errand{ENFORCED_HOOK_task_kill, [](Cage&) { return told(kill(getppid(), 0)); }},
    Errand{ENFORCED_HOOK_task_setrlimit, [](Cage&) { return keep_limit(); }},
    Errand{ENFORCED_HOOK_task_setnice, [](Cage&) { return keep_priority(); }},
    Errand{ENFORCED_HOOK_task_setscheduler, [](Cage&) { return keep_processors(); }},
    Errand{ENFORCED_HOOK_task_setioprio,
           [](Cage&) { return told(syscall(SYS_ioprio_set, who_process, 0, best_effort)); }},
    Errand{ENFORCED_HOOK_task_movememory, [](Cage&) { return move_memory(); }},
    Errand{ENFORCED_HOOK_file_send_sigiotask, [](Cage&) { return have_signal_sent(); }},
    Errand{ENFORCED_HOOK_file_lock,
           [](Cage& cage) { return told(flock(cage.file.get(), LOCK_SH | LOCK_NB)); }},
    Errand{ENFORCED_HOOK_path_notify, [](Cage&) { return watch_file(); }},
    Errand{ENFORCED_HOOK_bpf_map, [](Cage&) { return make_map(); }},
    Errand{ENFORCED_HOOK_bpf_prog, [](Cage&) { return load_program(); }},
    Errand{ENFORCED_HOOK_file_fcntl,
           [](Cage& cage) { return told(fcntl(cage.file.get(), F_SETOWN, getpid())); }},
    Errand{ENFORCED_HOOK_unix_stream_connect,
           [](Cage& cage) { return connect_to_local(cage.listener, SOCK_STREAM); }},
    Errand{ENFORCED_HOOK_unix_may_send,
           [](Cage& cage) { return connect_to_local(cage.mailbox, SOCK_DGRAM); }},
    Errand{ENFORCED_HOOK_task_alloc, [](Cage&) { return fork_once(); }},
    Errand{ENFORCED_HOOK_mnt_want_write, [](Cage&) { return told(chmod("file", 0600)); }},
    Errand{ENFORCED_HOOK_mnt_want_write_file, [](Cage& cage) { return told(fchown(cage.file.get(), 0, 0)); }},
    Errand{ENFORCED_HOOK_cgroup_mkdir, [](Cage& cage) { return told(mkdir(cage.cgroup.c_str(), 0700)); }},
    Errand{ENFORCED_HOOK_cgroup_attach_task, [](Cage& cage) { return move_into(cage.cgroup); }},
    Errand{ENFORCED_HOOK_sb_umount, [](Cage&) { return told(umount2(cage_path, MNT_DETACH)); }},
    // The exit follows in any case.
    Errand{ENFORCED_HOOK_sched_process_exit, [](Cage&) { return 0; }},
    Errand{ENFORCED_HOOK_bprm_check_security, [](Cage&) { return execute(); }},
    // Nobody can refuse here any more: the exec goes through, and is only seen.
    Errand{ENFORCED_HOOK_bprm_committed_creds, [](Cage&) { return execute(); }, not_told},
};

} // namespace

Cage::Cage(std::string path_of_cgroup) : cgroup(std::move(path_of_cgroup)), fault_(prepare()) {}

int Cage::prepare() {
    // Private: nothing of this is to be seen elsewhere.
    if (unshare(CLONE_NEWNS) < 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0 ||
        mount("none", cage_path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=700,size=1m") < 0 ||
        chdir(cage_path) < 0)
        return errno;
    for (const char* name : {"file", "image", "to-unlink", "to-rename"}) {
        if (const int error = touch(name))
            return error;
    }
    for (const char* name : {"directory", "to-remove", "to-pivot", "to-move-to"}) {
        if (mkdir(name, 0700) < 0)
            return errno;
    }
    file.reset(open("file", O_RDWR | O_CLOEXEC));
    if (const Fd writable(open("image", O_WRONLY | O_CLOEXEC)); write(writable.get(), "", 1) != 1)
        return errno;
    image.reset(open("image", O_RDONLY | O_CLOEXEC));
    context.reset(fspick(AT_FDCWD, cage_path, FSPICK_CLOEXEC));
    for (Fd* socket4 : {&udp4, &to_bind4, &to_send4})
        socket4->reset(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    for (Fd* socket6 : {&udp6, &to_bind6, &to_send6})
        socket6->reset(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    tcp4.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    listener.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    mailbox.reset(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    for (const Fd* local : {&listener, &mailbox}) {
        if (const int error = bind_nameless(*local))
            return error;
    }
    if (listen(listener.get(), 1) < 0)
        return errno;
    return post_parcel();
}

int Cage::post_parcel() {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    int pair[2];
    char byte = 0;
    iovec data = {&byte, 1};
    msghdr message{};

    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
        return errno;
    sender_.reset(pair[0]);
    parcel.reset(pair[1]);
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int carried = file.get();
    __builtin_memcpy(CMSG_DATA(header), &carried, sizeof(carried));
    return told(sendmsg(sender_.get(), &message, 0));
}

std::span<const Errand> errands() {
    return table;
}

} // namespace enforced::kernel
