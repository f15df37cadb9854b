/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing attributes: mode, owner, times, extended attributes, ACLs.
 *
 * chmod and chown have hooks with a path. The others have only a dentry; the mount through which the task
 * reached it is the one that it asked to write to just before, which mnt_want_write sees. */
#include "lib/emit.h"
#include "lib/owner.h"

/* include/linux/fs.h */
#define ATTR_MODE (1 << 0)
#define ATTR_UID (1 << 1)
#define ATTR_GID (1 << 2)
#define ATTR_SIZE (1 << 3)
#define ATTR_FORCE (1 << 9) /* the kernel's own doing, such as dropping the set-user-ID bit on a write */

/* Whether inode_setattr has an idmap as first argument (since 6.9). The daemon reads it from the kernel's
 * BTF. */
const volatile bool setattr_has_idmap = false;

/* Beside the mount's address: it was asked for through an open file. */
#define BY_FILE 1ULL

static __always_inline void remember_mount(__u64 mount) {
    struct enforced_control* control = get_control();
    struct enforced_label* label;

    if (!control || !control->generation)
        return;
    label = bpf_task_storage_get(&labels, bpf_get_current_task_btf(), 0, 0);
    if (label && label->set)
        label->write_mount = mount;
}

SEC("fentry/mnt_want_write")
int BPF_PROG(mnt_want_write, struct vfsmount* mount) {
    struct enforced_control* control = get_control();

    if (control)
        canary(control, ENFORCED_HOOK_mnt_want_write);
    remember_mount((__u64)mount);
    return 0;
}

SEC("fentry/mnt_want_write_file")
int BPF_PROG(mnt_want_write_file, struct file* file) {
    struct enforced_control* control = get_control();

    if (control)
        canary(control, ENFORCED_HOOK_mnt_want_write_file);
    remember_mount((__u64)BPF_CORE_READ(file, f_path.mnt) | BY_FILE);
    return 0;
}

static __always_inline int ask_attribute(const struct subject* subject, struct dentry* dentry,
                                         struct vfsmount* mount) {
    return ask_path(subject, ENFORCED_ATTR, ENFORCED_OP_ATTR, dentry, mount);
}

/* Judges by the dentry, and the mount that was asked for. If that is of another file system, it was asked for
 * the file above, which has been judged, and this is the one of a layer below. */
static __noinline int ask_dentry(const struct subject* subject, struct dentry* dentry) {
    struct vfsmount* mount = subject->label ? (void*)(subject->label->write_mount & ~BY_FILE) : 0;
    struct scratch* scratch = prepare(subject);

    if (!scratch)
        return -ENFORCED_EACCES;
    look_at(scratch, dentry, 0);
    if (!mount || BPF_CORE_READ(mount, mnt_sb) != dentry->d_sb) {
        walk_to(scratch, as_number(&scratch->object.dentry), 0);
        return ask_identity(subject, scratch, ENFORCED_ATTR, ENFORCED_OP_ATTR);
    }
    scratch->object.mount = (__u64)mount;
    scratch->object.mount_root = (__u64)BPF_CORE_READ(mount, mnt_root);
    if (by_private_mount(scratch)) {
        walk_to(scratch, as_number(&scratch->object.dentry), 0);
        return ask_identity(subject, scratch, ENFORCED_ATTR, ENFORCED_OP_ATTR);
    }
    return ask_object(subject, scratch, ENFORCED_ATTR, ENFORCED_OP_ATTR);
}

SEC("lsm/path_chmod")
int BPF_PROG(path_chmod, const struct path* path, unsigned short mode, int ret) {
    ENFORCED_MEET(path_chmod, ret, subject);

    if (guard_change(&subject, path->dentry, path->mnt))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_FILE) ? ask_attribute(&subject, path->dentry, path->mnt) : 0;
}

SEC("lsm/path_chown")
int BPF_PROG(path_chown, const struct path* path, unsigned int uid, unsigned int gid, int ret) {
    ENFORCED_MEET(path_chown, ret, subject);

    if (guard_change(&subject, path->dentry, path->mnt))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_FILE) ? ask_attribute(&subject, path->dentry, path->mnt) : 0;
}

/* Times. Mode and owner have been judged by path_chmod and path_chown, size by path_truncate. */
SEC("lsm/inode_setattr")
int inode_setattr(unsigned long long* ctx) {
    struct iattr* attributes;
    struct dentry* dentry;
    __u64 ret;

    /* Loads of the context have to be written out, lest the compiler compute an address first. */
    if (setattr_has_idmap)
        asm volatile("%0 = *(u64*)(%3 + 8)\n%1 = *(u64*)(%3 + 16)\n%2 = *(u64*)(%3 + 24)"
                     : "=&r"(dentry), "=&r"(attributes), "=&r"(ret)
                     : "r"(ctx));
    else
        asm volatile("%0 = *(u64*)(%3 + 0)\n%1 = *(u64*)(%3 + 8)\n%2 = *(u64*)(%3 + 16)"
                     : "=&r"(dentry), "=&r"(attributes), "=&r"(ret)
                     : "r"(ctx));

    ENFORCED_BEGIN(inode_setattr, (int)ret, subject, ENFORCED_SET_FILE);
    if (BPF_CORE_READ(attributes, ia_valid) & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_SIZE | ATTR_FORCE))
        return 0;
    return ask_dentry(&subject, dentry);
}

SEC("lsm/inode_setxattr")
int BPF_PROG(inode_setxattr, void* idmap, struct dentry* dentry, const char* name, const void* value,
             __u64 size, int flags, int ret) {
    ENFORCED_MEET(inode_setxattr, ret, subject);

    if (guard_change(&subject, dentry, 0))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_FILE) ? ask_dentry(&subject, dentry) : 0;
}

SEC("lsm/inode_removexattr")
int BPF_PROG(inode_removexattr, void* idmap, struct dentry* dentry, const char* name, int ret) {
    ENFORCED_MEET(inode_removexattr, ret, subject);

    if (guard_change(&subject, dentry, 0))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_FILE) ? ask_dentry(&subject, dentry) : 0;
}

/* ACLs, since 6.2; before, they came as extended attributes. */
SEC("lsm/inode_set_acl")
int BPF_PROG(inode_set_acl, void* idmap, struct dentry* dentry, const char* name, void* acl, int ret) {
    ENFORCED_MEET(inode_set_acl, ret, subject);

    if (guard_change(&subject, dentry, 0))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_FILE) ? ask_dentry(&subject, dentry) : 0;
}

SEC("lsm/inode_remove_acl")
int BPF_PROG(inode_remove_acl, void* idmap, struct dentry* dentry, const char* name, int ret) {
    ENFORCED_MEET(inode_remove_acl, ret, subject);

    if (guard_change(&subject, dentry, 0))
        return -ENFORCED_EPERM;
    return wants(&subject, ENFORCED_SET_FILE) ? ask_dentry(&subject, dentry) : 0;
}

/* Flags by a system call of their own, since 6.17. The same hook is asked about the ioctl, which works on an
 * open file, and which file_ioctl has judged. */
SEC("lsm/inode_file_setattr")
int BPF_PROG(inode_file_setattr, struct dentry* dentry, void* attributes, int ret) {
    ENFORCED_MEET(inode_file_setattr, ret, subject);

    if (guard_change(&subject, dentry, 0))
        return -ENFORCED_EPERM;
    if (!wants(&subject, ENFORCED_SET_FILE) || (subject.label && subject.label->write_mount & BY_FILE))
        return 0;
    return ask_dentry(&subject, dentry);
}

/* Flags (chattr), and whom a socket is to send signals. The same numbers mean the same on every architecture
 * that the project is built for. */
#define FS_IOC_SETFLAGS 0x40086602
#define FS_IOC32_SETFLAGS 0x40046602
#define FS_IOC_FSSETXATTR 0x401c5820
#define FIOSETOWN 0x8901
#define SIOCSPGRP 0x8902

static __always_inline bool is_attribute_ioctl(unsigned int command) {
    return command == FS_IOC_SETFLAGS || command == FS_IOC32_SETFLAGS || command == FS_IOC_FSSETXATTR;
}

static __always_inline bool is_owner_ioctl(unsigned int command) {
    return command == FIOSETOWN || command == SIOCSPGRP;
}

/* Who it is to be stands in memory that the process can change. */
static __always_inline int ask_owner_ioctl(const struct subject* subject, unsigned long argument) {
    int owner = 0;

    bpf_probe_read_user(&owner, sizeof(owner), (void*)argument);
    if (guard_owner(subject, owner))
        return -ENFORCED_EPERM;
    return wants(subject, ENFORCED_SET_KERNEL(ENFORCED_KERNEL_SIGNAL)) ? ask_owner(subject) : 0;
}

static __always_inline int ask_ioctl(const struct subject* subject, struct file* file, unsigned int command,
                                     unsigned long argument) {
    if (is_owner_ioctl(command))
        return ask_owner_ioctl(subject, argument);
    if (guard_change(subject, file->f_path.dentry, file->f_path.mnt))
        return -ENFORCED_EPERM;
    return wants(subject, ENFORCED_SET_FILE) ? ask_attribute(subject, file->f_path.dentry, file->f_path.mnt)
                                             : 0;
}

SEC("lsm/file_ioctl")
int BPF_PROG(file_ioctl, struct file* file, unsigned int command, unsigned long argument, int ret) {
    if (!is_attribute_ioctl(command) && !is_owner_ioctl(command))
        return ret;
    ENFORCED_MEET(file_ioctl, ret, subject);
    return ask_ioctl(&subject, file, command, argument);
}

/* The same of 32-bit programs, since 6.8; before, file_ioctl saw them. */
SEC("lsm/file_ioctl_compat")
int BPF_PROG(file_ioctl_compat, struct file* file, unsigned int command, unsigned long argument, int ret) {
    if (!is_attribute_ioctl(command) && !is_owner_ioctl(command))
        return ret;
    ENFORCED_MEET(file_ioctl_compat, ret, subject);
    return ask_ioctl(&subject, file, command, argument);
}
