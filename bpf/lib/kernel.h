/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's types, as far as the programs look into them. Each structure lists only the members that are
 * read; CO-RE finds their places in the running kernel. With -Dvmlinux-h= a full header takes the place of
 * this one. */
#ifndef ENFORCED_LIB_KERNEL_H
#define ENFORCED_LIB_KERNEL_H

#ifdef ENFORCED_VMLINUX_H
#include ENFORCED_VMLINUX_H
#else

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

typedef __u32 u32;
typedef __u64 u64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct qstr {
    __u32 hash;
    __u32 len;
    const unsigned char* name;
};

typedef struct {
    __u32 val;
} kuid_t;

struct hlist_node {
    struct hlist_node* next;
};

struct hlist_head {
    struct hlist_node* first;
};

struct file_system_type {
    const char* name;
};

struct super_block {
    struct file_system_type* s_type;
    __u32 s_dev;
    unsigned long s_flags;
    unsigned long s_magic;
    struct dentry* s_root;
};

struct inode {
    unsigned short i_mode;
    kuid_t i_uid;
    struct super_block* i_sb;
    unsigned long i_ino;
    const unsigned int i_nlink;
    struct hlist_head i_dentry;
    __u32 i_generation;
};

struct dentry {
    unsigned int d_flags;
    struct dentry* d_parent;
    struct qstr d_name;
    struct inode* d_inode;
    struct super_block* d_sb;
    union {
        struct hlist_node d_alias;
    } d_u;
};

/* Since 7.2, where the union has no name. */
struct dentry___unnamed {
    struct hlist_node d_alias;
};

struct vfsmount {
    struct dentry* mnt_root;
    struct super_block* mnt_sb;
    int mnt_flags;
};

struct ns_common {
    unsigned int inum;
};

struct mnt_namespace {
    struct ns_common ns;
};

struct mount {
    struct mount* mnt_parent;
    struct dentry* mnt_mountpoint;
    struct vfsmount mnt;
    struct mnt_namespace* mnt_ns;
    int mnt_t_flags; /* since 6.17 */
};

struct path {
    struct vfsmount* mnt;
    struct dentry* dentry;
};

struct file {
    unsigned int f_mode;
    struct inode* f_inode;
    unsigned int f_flags;
    struct path f_path;
    void* private_data;
};

struct fdtable {
    unsigned int max_fds;
    struct file** fd;
};

struct files_struct {
    struct fdtable* fdt;
};

struct bpf_map {
    __u32 id;
};

struct bpf_prog_aux {
    __u32 id;
};

struct bpf_prog {
    struct bpf_prog_aux* aux;
};

struct bpf_link {
    __u32 id;
};

struct fs_struct {
    struct path root;
};

struct kernfs_node {
    const char* name;
    __u64 id;
};

struct cgroup;

struct cgroup_subsys_state {
    struct cgroup* cgroup;
    struct cgroup_subsys_state* parent;
};

struct cgroup {
    struct cgroup_subsys_state self;
    int level;
    struct kernfs_node* kn;
};

struct css_set {
    struct cgroup* dfl_cgrp;
};

struct mm_struct {
    struct file* exe_file;
};

struct user_namespace {
    struct user_namespace* parent; /* 0: the machine's own */
};

struct cred {
    kuid_t euid;
};

struct upid {
    int nr;
};

struct pid {
    unsigned int level;
    struct hlist_head tasks[4];
    struct upid numbers[1];
};

struct io_uring_task;

struct task_struct {
    unsigned int flags;
    int pid;
    int tgid;
    struct mm_struct* mm;
    struct fs_struct* fs;
    struct files_struct* files;
    struct css_set* cgroups;
    struct task_struct* group_leader;
    struct pid* thread_pid;
    struct hlist_node pid_links[4];
    const struct cred* real_cred;
    const struct cred* cred;
    char comm[16];
    struct io_uring_task* io_uring;
    void* bpf_storage;
};

struct bpf_iter__task {
    struct task_struct* task;
};

struct proc_inode {
    struct pid* pid; /* 0: not a file of a process */
    struct inode vfs_inode;
};

struct key {
    char* description;
};

enum kernel_read_file_id {
    READING_KEXEC_IMAGE = 3,
    READING_KEXEC_INITRAMFS = 4,
};

enum kernel_load_data_id {
    LOADING_KEXEC_IMAGE = 3,
};

struct linux_binprm {
    struct file* file;
};

struct vm_area_struct {
    unsigned long vm_flags;
    void* anon_vma;
    struct file* vm_file;
};

struct iattr {
    unsigned int ia_valid;
};

struct in6_addr {
    union {
        __u8 u6_addr8[16];
        __u32 u6_addr32[4];
    } in6_u;
};

struct sock_common {
    __u32 skc_daddr;
    unsigned short skc_family;
    unsigned char skc_ipv6only : 1;
    unsigned short skc_num;
    struct in6_addr skc_v6_daddr;
};

struct sock_cgroup_data {
    struct cgroup* cgroup;
};

struct sock {
    struct sock_common __sk_common;
    __u16 sk_type;
    __u16 sk_protocol;
    __u32 sk_mark;
    struct pid* sk_peer_pid;
    struct sock_cgroup_data sk_cgrp_data;
};

struct sk_buff;

/* A connection that somebody asks for, at a socket that listens. */
struct request_sock {
    struct sock_common __req_common;
};

struct sockaddr_un {
    unsigned short sun_family;
};

struct unix_address {
    int len;
    struct sockaddr_un name[];
};

struct unix_sock {
    struct sock sk;
    struct unix_address* addr;
    struct path path;
};

struct socket {
    short type;
    struct sock* sk;
};

struct sockaddr {
    unsigned short sa_family;
};

struct in_addr {
    __u32 s_addr;
};

struct sockaddr_in {
    unsigned short sin_family;
    __u16 sin_port;
    struct in_addr sin_addr;
};

struct sockaddr_in6 {
    unsigned short sin6_family;
    __u16 sin6_port;
    struct in6_addr sin6_addr;
};

struct msghdr {
    void* msg_name;
    int msg_namelen;
};

#pragma clang attribute pop

#endif

/* Constants that no type information carries. Source: include/linux/ and include/uapi/ of 6.1 to 6.18, where
 * they are the same. */
#define ENFORCED_EACCES 13
#define ENFORCED_EPERM 1
#define ENFORCED_E2BIG 7
#define ENFORCED_EAGAIN 11
#define ENFORCED_EOWNERDEAD 130 /* nobody returns it from these hooks: what the canary looks for */

#define ENFORCED_S_IFMT 00170000
#define ENFORCED_S_IFDIR 0040000
#define ENFORCED_S_IFREG 0100000

#define ENFORCED_PF_KTHREAD 0x00200000
#define ENFORCED_MNT_NS_INTERNAL ((__u64)-22) /* the mount is the kernel's own: no path leads to it */
#define ENFORCED_SB_NOUSER (1UL << 31)        /* pipes, sockets, memfds: objects without a name */

#endif
