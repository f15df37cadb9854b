/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes another process try: what a program can do that has taken a helper over. x86-64. */
#include "probe.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* The process waits in a system call: the instruction before is the one that made it. */
static int open_in(pid_t process, const char* path, long* result) {
    struct user_regs_struct before, registers;
    if (ptrace(PTRACE_GETREGS, process, NULL, &before))
        return errno;
    registers = before;
    registers.rsp -= 8192;
    registers.rip -= 2;
    registers.orig_rax = ~0ULL; /* and no restart of the call that we have interrupted */
    registers.rax = SYS_open;
    registers.rdi = registers.rsp;
    registers.rsi = O_RDONLY | O_CLOEXEC;
    const struct iovec from = {.iov_base = (void*)path, .iov_len = strlen(path) + 1};
    const struct iovec to = {.iov_base = (void*)registers.rsp, .iov_len = from.iov_len};
    if (process_vm_writev(process, &from, 1, &to, 1, 0) < 0 ||
        ptrace(PTRACE_SETREGS, process, NULL, &registers) || ptrace(PTRACE_SINGLESTEP, process, NULL, NULL) ||
        waitpid(process, NULL, 0) < 0 || ptrace(PTRACE_GETREGS, process, NULL, &registers))
        return errno;
    *result = (long)registers.rax;
    return ptrace(PTRACE_SETREGS, process, NULL, &before) ? errno : 0;
}

static int op_puppet(char** arguments) {
    const pid_t process = (pid_t)number(arguments[0]);
    long result = -EIO;
    if (ptrace(PTRACE_ATTACH, process, NULL, NULL) || waitpid(process, NULL, 0) < 0)
        return untried(errno);
    const int error = open_in(process, arguments[1], &result);
    ptrace(PTRACE_DETACH, process, NULL, NULL);
    if (error)
        return untried(error);
    return result < 0 ? (int)-result : 0;
}

const struct operation puppet_operations[] = {
    {"puppet", 2, op_puppet, "PID PATH"},
    {0},
};
