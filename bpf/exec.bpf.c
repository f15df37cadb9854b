/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a unit runs, and what it makes executable.
 *
 *   bprm_check_security  each file that execve runs: the program, and the interpreters of scripts
 *   mmap_file            each file that is mapped executable: programs, libraries, what a loader is told to
 * load file_mprotect        what becomes executable later
 */
#include "lib/emit.h"
#include "lib/executor.h"

#define PROT_WRITE 0x2
#define PROT_EXEC 0x4
#define VM_WRITE 0x2

/* memfds, what was deleted, O_TMPFILE: content that no name leads to. */
static __always_inline bool is_anonymous(struct file* file) {
    struct inode* inode = BPF_CORE_READ(file, f_inode);

    return !BPF_CORE_READ(inode, i_nlink) || BPF_CORE_READ(inode, i_sb, s_flags) & ENFORCED_SB_NOUSER;
}

static __always_inline int ask_file_cell(const struct subject* subject, __u64 cell, __u32 operation,
                                         struct file* file) {
    return ask_cell(subject, cell, operation, file->f_path.dentry, file->f_path.mnt);
}

static __always_inline int ask_exec(const struct subject* subject, __u32 access, __u32 operation,
                                    struct file* file) {
    if (is_anonymous(file))
        return ask_file_cell(subject, subject->set->anonymous, ENFORCED_OP_ANONYMOUS, file);
    return ask_path(subject, access, operation, file->f_path.dentry, file->f_path.mnt);
}

/* The unit that is about to begin: PID 1's child execs the unit's own program, and that exec is the unit's
 * first. */
static __noinline bool begins(struct enforced_control* control, struct linux_binprm* bprm,
                              struct subject* subject) {
    struct task_struct* task = bpf_get_current_task_btf();
    struct enforced_label* label = bpf_task_storage_get(&labels, task, 0, 0);
    struct enforced_label beginning = {};
    __u32 set;

    if (!label || label->phase == ENFORCED_PAYLOAD)
        return false;
    if (label->phase == ENFORCED_FORKED && !label->helper && is_executor(control, bprm))
        return false;
    beginning.unit = label->unit;
    set = identify(&beginning);
    subject_of_label(subject, &beginning);
    subject->label = 0;
    return set && subject_of_set(subject, set);
}

SEC("lsm/bprm_check_security")
int BPF_PROG(bprm_check_security, struct linux_binprm* bprm, int ret) {
    struct enforced_control* control = get_control();
    struct subject subject;

    if (ret)
        return ret;
    if (!control)
        return 0;
    if (canary(control, ENFORCED_HOOK_bprm_check_security))
        return -ENFORCED_EOWNERDEAD;
    if (!control->generation)
        return 0;
    if (!governed(control, &subject) && !begins(control, bprm, &subject))
        return 0;
    if (!(subject.set->flags & ENFORCED_SET_EXEC))
        return 0;
    return ask_exec(&subject, ENFORCED_RUN, ENFORCED_OP_RUN, bprm->file);
}

/* Memory without a file comes with a null pointer, which verifiers between 6.2 and the fix of this hook's
 * prototype take for one that is never null: they remove the comparison, and the kernel would follow it. A
 * number that was copied they do not judge. Those with the fix want the comparison, too. */
static __always_inline bool has_no_file(const unsigned long long* ctx) {
    __u64 file = 0;

    return bpf_probe_read_kernel(&file, sizeof(file), ctx) || !file;
}

SEC("lsm/mmap_file")
int BPF_PROG(mmap_file, struct file* file, unsigned long reqprot, unsigned long prot, unsigned long flags,
             int ret) {
    struct enforced_control* control = get_control();

    if (!(prot & PROT_EXEC) && !(control && control->canary))
        return ret;
    ENFORCED_BEGIN(mmap_file, ret, subject, ENFORCED_SET_EXEC);
    if (!(prot & PROT_EXEC)) /* whose came here for the canary's sake is not asked */
        return 0;
    if (has_no_file(ctx) || !file)
        return ask_cell(&subject, subject.set->writable_memory, ENFORCED_OP_WRITABLE_MEMORY, 0, 0);
    if (prot & PROT_WRITE) {
        ret = ask_file_cell(&subject, subject.set->writable_memory, ENFORCED_OP_WRITABLE_MEMORY, file);
        if (ret)
            return ret;
    }
    return ask_exec(&subject, ENFORCED_MAP, ENFORCED_OP_MAP, file);
}

SEC("lsm/file_mprotect")
int BPF_PROG(file_mprotect, struct vm_area_struct* vma, unsigned long reqprot, unsigned long prot, int ret) {
    struct enforced_control* control = get_control();

    if (!(prot & PROT_EXEC) && !(control && control->canary))
        return ret;
    ENFORCED_BEGIN(file_mprotect, ret, subject, ENFORCED_SET_EXEC);
    struct file* file = vma->vm_file;

    if (!(prot & PROT_EXEC)) /* as above */
        return 0;

    /* Memory that was written: it has no file, or private copies of the file's pages, or is writable yet. */
    if (!file || BPF_CORE_READ(vma, anon_vma) || prot & PROT_WRITE ||
        BPF_CORE_READ(vma, vm_flags) & VM_WRITE) {
        ret = ask_cell(&subject, subject.set->writable_memory, ENFORCED_OP_WRITABLE_MEMORY,
                       file ? file->f_path.dentry : 0, file ? file->f_path.mnt : 0);
        if (ret)
            return ret;
    }
    return file ? ask_exec(&subject, ENFORCED_MAP, ENFORCED_OP_MAP, file) : 0;
}
