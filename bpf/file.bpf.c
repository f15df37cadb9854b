/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and writing files: what is opened, truncated, or received from another process.
 *
 * A file that is open already is not asked about again when it is read or written. */
#include "lib/possession.h"
#include "lib/tunable.h"

#define O_WRONLY 01
#define O_ACCMODE 03
#define O_TRUNC 01000
#define O_TMPFILE_BIT 020000000
#define OPENED_TO_EXEC 0x20 /* __FMODE_EXEC, among the flags; open(2) does not take it */
#define FMODE_READ 0x1
#define FMODE_BACKING 0x2000000 /* since 6.5 */

/* Overlayfs opens the file of the layer below on behalf of the one that was opened: that one has been judged
 * by name, this one has only an identity. Up to 6.4 it comes with the path of the one above and the inode of
 * the one below. */
static __always_inline bool is_backing(struct file* file) {
    return file->f_mode & FMODE_BACKING || file->f_inode != file->f_path.dentry->d_inode;
}

static __always_inline __u64 alias_offset(void) {
    return bpf_core_field_exists(struct dentry___unnamed, d_alias)
               ? bpf_core_field_offset(struct dentry___unnamed, d_alias)
               : bpf_core_field_offset(struct dentry, d_u.d_alias);
}

static __noinline int ask_backing(const struct subject* subject, __u32 access, __u32 operation,
                                  struct file* file) {
    struct dentry* dentry = file->f_path.dentry;
    struct scratch* scratch;
    struct hlist_node* alias;

    if (!(subject->set->flags & ENFORCED_SET_IDENTITY))
        return 0;
    scratch = prepare(subject);
    if (!scratch)
        return -ENFORCED_EACCES;
    if (file->f_inode != dentry->d_inode) {
        alias = BPF_CORE_READ(file, f_inode, i_dentry.first);
        if (!alias)
            return 0;
        scratch->object.dentry = (__u64)alias - alias_offset();
    } else {
        scratch->object.dentry = (__u64)dentry;
    }
    scratch->object.mount = 0;
    scratch->object.dev = file->f_inode->i_sb->s_dev;
    walk_to(scratch, as_number(&scratch->object.dentry), 0);
    return ask_identity(subject, scratch, access, operation);
}

static __noinline int ask_open(const struct subject* subject, __u32 access, __u32 operation,
                               struct file* file) {
    struct verdict verdict;
    struct scratch* scratch;

    if (is_backing(file))
        return ask_backing(subject, access, operation, file);
    scratch = prepare(subject);
    if (!scratch)
        return -ENFORCED_EACCES;
    look_at_file(scratch, file);
    find_name(scratch);
    /* A directory of a layer, or a file that is copied from one to another. */
    if (!scratch->name.resolved && by_private_mount(scratch))
        return ask_identity(subject, scratch, access, operation);
    verdict = judge(subject, &scratch->name, access);
    if (!ENFORCED_CELL_HIGH(verdict.cell))
        return 0;
    return report_object(subject, scratch, &verdict, operation);
}

/* Pipes, sockets, memfds and their like have no name that a rule could give: who holds one got it by other
 * means. */
static __always_inline bool is_nameless(struct file* file) {
    return file->f_inode->i_sb->s_flags & ENFORCED_SB_NOUSER;
}

static __always_inline int ask_opened(const struct subject* subject, struct file* file) {
    const __u32 flags = file->f_flags, mode = file->f_mode;
    int ret;

    if (is_nameless(file))
        return 0;
    if (flags & OPENED_TO_EXEC)
        return ask_open(subject, ENFORCED_IMAGE, ENFORCED_OP_READ, file);
    if (flags & O_TMPFILE_BIT) {
        ret = ask_open(subject, ENFORCED_CREATE, ENFORCED_OP_CREATE, file);
        if (ret)
            return ret;
    }
    /* O_TRUNC writes even where the descriptor is for reading; access mode 3 asks for both, and yields
     * neither. */
    if (mode & FMODE_WRITE || flags & O_TRUNC || (flags & O_ACCMODE) == O_ACCMODE) {
        ret = ask_open(subject, ENFORCED_WRITE, ENFORCED_OP_WRITE, file);
        if (ret)
            return ret;
    }
    if (mode & FMODE_READ || (flags & O_ACCMODE) == O_ACCMODE)
        return ask_open(subject, ENFORCED_READ, ENFORCED_OP_READ, file);
    return 0;
}

static __always_inline int ask_received(const struct subject* subject, struct file* file) {
    int ret;

    if (is_nameless(file))
        return 0;
    if (file->f_mode & FMODE_WRITE) {
        ret = ask_open(subject, ENFORCED_WRITE, ENFORCED_OP_WRITE, file);
        if (ret)
            return ret;
    }
    if (file->f_mode & FMODE_READ)
        return ask_open(subject, ENFORCED_READ, ENFORCED_OP_READ, file);
    return 0;
}

/* O_TRUNC writes even where the descriptor is for reading. */
static __always_inline bool opens_to_write(struct file* file) {
    return file->f_mode & FMODE_WRITE || file->f_flags & O_TRUNC;
}

/* Only of governed tasks: who is not governed has nothing to wait for here. */
SEC("lsm/file_open")
int BPF_PROG(file_open, struct file* file, int ret) {
    ENFORCED_BEGIN(file_open, ret, subject, ENFORCED_ANY_SET);

    if (opens_to_write(file) && guard_written(&subject, file))
        return -ENFORCED_EPERM;
    if (subject.set->flags & ENFORCED_SET_FILE)
        ret = ask_opened(&subject, file);
    return ret ? ret : ask_tunable(&subject, file);
}

/* A descriptor that comes from another process (SCM_RIGHTS, pidfd_getfd) is opened as it were. */
SEC("lsm/file_receive")
int BPF_PROG(file_receive, struct file* file, int ret) {
    ENFORCED_BEGIN(file_receive, ret, subject, ENFORCED_ANY_SET);

    if (opens_to_write(file) && guard_written(&subject, file))
        return -ENFORCED_EPERM;
    if (subject.set->flags & ENFORCED_SET_FILE)
        ret = ask_received(&subject, file);
    return ret ? ret : ask_tunable(&subject, file);
}

/* ftruncate, since 6.2; before, path_truncate saw it too. */
SEC("lsm/file_truncate")
int BPF_PROG(file_truncate, struct file* file, int ret) {
    ENFORCED_MEET(file_truncate, ret, subject);

    if (guard_change(&subject, file->f_path.dentry, file->f_path.mnt))
        return -ENFORCED_EPERM;
    if (!wants(&subject, ENFORCED_SET_FILE) || is_nameless(file))
        return 0;
    return ask_open(&subject, ENFORCED_WRITE, ENFORCED_OP_WRITE, file);
}

SEC("lsm/path_truncate")
int BPF_PROG(path_truncate, const struct path* path, int ret) {
    ENFORCED_MEET(path_truncate, ret, subject);

    if (guard_change(&subject, path->dentry, path->mnt))
        return -ENFORCED_EPERM;
    if (!wants(&subject, ENFORCED_SET_FILE))
        return 0;
    return ask_path(&subject, ENFORCED_WRITE, ENFORCED_OP_WRITE, path->dentry, path->mnt);
}
