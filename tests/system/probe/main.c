/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe [OPTION...] OPERATION [ARGUMENT...] [, OPERATION [ARGUMENT...]]... [+ STEP]...
 *
 * Steps are separated by "+". What a step tries is its last operation; those before a "," lead up to it, and
 * have to succeed. One line for each step, written before the next one begins: WORD ERRNO COUNT OPERATION
 * ARGUMENT... WORD is "allowed", "refused" (with the errno that was expected), "untried", "otherwise"
 * (refused with another), "killed", or "mixed", where repetitions did not all end alike. The exit status is
 * that of the last step: 0, 1, 2, 3, 1, 3. */
#include "probe.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/sched.h>

#define KILLED 0x20000
#define OPERATIONS_MAX 8

struct call {
    const struct operation* operation;
    char** arguments;
};

struct step {
    struct call calls[OPERATIONS_MAX];
    int call_count;
    int expected;
    long count;
    bool in_child, in_thread;
    const char* into_cgroup; /* the child is made in it */
};

enum outcome { ALLOWED, REFUSED, NOT_TRIED, OTHERWISE, WAS_KILLED, MIXED, OUTCOMES };
static const char* const words[] = {"allowed", "refused", "untried", "otherwise", "killed", "mixed"};
static const int statuses[] = {0, 1, 2, 3, 1, 3};

static void fail(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "probe: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    exit(2);
}

long number(const char* argument) {
    char* end;
    const long value = strtol(argument, &end, 0);
    if (!*argument || *end)
        fail("%s is no number", argument);
    return value;
}

pid_t process_in(const char* path) {
    char text[32] = "";
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof(text) - 1) < 1)
        return -1;
    close(fd);
    return (pid_t)number(text);
}

int errno_of(const char* name) {
    for (int error = 1; error < 200; error++) {
        const char* known = strerrorname_np(error);
        if (known && !strcmp(known, name))
            return error;
    }
    return 0;
}

int outcome_of_fd(int fd) {
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static const struct operation* const all[] = {
    file_operations,   held_operations,       name_operations,   mount_operations,     memory_operations,
    run_operations,    network_operations,    pass_operations,   ring_file_operations, ring_socket_operations,
    puppet_operations, capability_operations, kernel_operations, module_operations,    cgroup_operations,
    legacy_operations, race_operations,       sctp_operations,   watch_operations,     connection_operations,
    bus_operations,    local_operations,      serve_operations};

static const struct operation* find_operation(const char* name) {
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        for (const struct operation* operation = all[i]; operation->name; operation++)
            if (!strcmp(operation->name, name))
                return operation;
    return NULL;
}

static int attempt(const struct step* step) {
    for (int i = 0; i < step->call_count - 1; i++) {
        const int error = step->calls[i].operation->run(step->calls[i].arguments);
        if (error)
            return untried(error & ~UNTRIED);
    }
    const struct call* last = &step->calls[step->call_count - 1];
    return last->operation->run(last->arguments);
}

/* A child's outcome fits into a pipe, not into an exit status. */
static int attempt_in_child(const struct step* step) {
    struct clone_args how = {.exit_signal = SIGCHLD};
    int ends[2], status, result = untried(EIO);
    if (pipe(ends))
        return untried(errno);
    if (step->into_cgroup) {
        const int cgroup = open(step->into_cgroup, O_PATH | O_CLOEXEC);
        if (cgroup < 0)
            return untried(errno);
        how.flags = CLONE_INTO_CGROUP;
        how.cgroup = (uint64_t)cgroup;
    }
    const pid_t child = (pid_t)syscall(SYS_clone3, &how, sizeof(how));
    if (child < 0)
        return untried(errno);
    if (!child) {
        result = attempt(step);
        _exit(write(ends[1], &result, sizeof(result)) != sizeof(result));
    }
    close(ends[1]);
    if (read(ends[0], &result, sizeof(result)) != sizeof(result))
        result = untried(EIO);
    close(ends[0]);
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? KILLED : result;
}

static void* thread_main(void* step) {
    return (void*)(intptr_t)attempt(step);
}

static int attempt_in_thread(const struct step* step) {
    pthread_t thread;
    void* result;
    const int error = pthread_create(&thread, NULL, thread_main, (void*)step);
    if (error)
        return untried(error);
    pthread_join(thread, &result);
    return (int)(intptr_t)result;
}

static int run_once(const struct step* step) {
    if (step->in_child || step->into_cgroup)
        return attempt_in_child(step);
    return step->in_thread ? attempt_in_thread(step) : attempt(step);
}

static enum outcome classify(int result, int expected) {
    if (!result)
        return ALLOWED;
    if (result == KILLED)
        return WAS_KILLED;
    if (result & UNTRIED)
        return NOT_TRIED;
    return result == expected ? REFUSED : OTHERWISE;
}

static const char* error_name(int result) {
    const int error = result & (UNTRIED - 1);
    return error ? strerrorname_np(error) : "-";
}

/* What is not plain is written as %XX: a name may hold the end of the line. */
static void append_word(FILE* line, const char* word) {
    fputc(' ', line);
    for (; *word; word++) {
        if (*word > ' ' && *word < 127 && *word != '%')
            fputc(*word, line);
        else
            fprintf(line, "%%%02x", (unsigned char)*word);
    }
}

static void tell(const struct step* step, enum outcome outcome, int result) {
    const struct call* call = &step->calls[step->call_count - 1];
    char* text;
    size_t length;
    FILE* line = open_memstream(&text, &length);
    if (!line)
        fail("out of memory");
    fprintf(line, "%s %s %ld %s", words[outcome], error_name(result), step->count, call->operation->name);
    for (int i = 0; i < call->operation->arguments; i++)
        append_word(line, call->arguments[i]);
    fputc('\n', line);
    if (fclose(line) || write(STDOUT_FILENO, text, length) != (ssize_t)length)
        fail("cannot say how it went: %s", strerror(errno));
    free(text);
}

static int run_step(const struct step* step) {
    enum outcome all = OUTCOMES;
    int result = 0;
    for (long i = 0; i < step->count; i++) {
        result = run_once(step);
        const enum outcome one = classify(result, step->expected);
        all = all == OUTCOMES || all == one ? one : MIXED;
    }
    tell(step, all, result);
    return statuses[all];
}

static void usage(void) {
    printf("probe [OPTION...] OPERATION [ARGUMENT...] [+ ...]\n\n"
           "  --errno NAME     the errno of a refusal (EACCES)\n"
           "  -n COUNT         repeats it\n"
           "  --fork           in a child; --thread: in a thread\n"
           "  --into CGROUP    in a child that is made in that cgroup (a directory)\n\n");
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        for (const struct operation* operation = all[i]; operation->name; operation++)
            printf("  %s %s\n", operation->name, operation->usage);
}

/* Reads one operation; returns what comes behind it. */
static char** parse_call(char** argument, struct step* step) {
    if (step->call_count == OPERATIONS_MAX)
        fail("a step has no more than %d operations", OPERATIONS_MAX);
    struct call* call = &step->calls[step->call_count++];
    call->operation = *argument ? find_operation(*argument) : NULL;
    if (!call->operation)
        fail("unknown operation %s; --help lists them", *argument ? *argument : "");
    call->arguments = ++argument;
    for (int i = 0; i < call->operation->arguments; i++, argument++)
        if (!*argument || !strcmp(*argument, "+") || !strcmp(*argument, ","))
            fail("%s %s", call->operation->name, call->operation->usage);
    return argument;
}

/* Reads one step; returns what comes behind it. */
static char** parse_step(char** argument, struct step* step) {
    *step = (struct step){.expected = EACCES, .count = 1};
    for (; *argument && **argument == '-'; argument++) {
        const char* option = *argument;
        if (!strcmp(option, "--fork"))
            step->in_child = true;
        else if (!strcmp(option, "--thread"))
            step->in_thread = true;
        else if (!argument[1])
            fail("%s needs an argument", option);
        else if (!strcmp(option, "--errno"))
            step->expected = errno_of(*++argument);
        else if (!strcmp(option, "-n"))
            step->count = number(*++argument);
        else if (!strcmp(option, "--into"))
            step->into_cgroup = *++argument;
        else
            fail("unknown option %s", option);
    }
    if (!step->expected || step->count < 1)
        fail("unknown errno, or a count below 1");
    for (argument = parse_call(argument, step); *argument && !strcmp(*argument, ",");)
        argument = parse_call(argument + 1, step);
    if (*argument && strcmp(*argument, "+"))
        fail("expected + or , and not %s", *argument);
    return *argument ? argument + 1 : argument;
}

int main(int argc, char** argv) {
    int status = 2;
    (void)argc;
    umask(022);
    if (argv[1] && !strcmp(argv[1], "--help")) {
        usage();
        return 0;
    }
    char** argument = argv + 1;
    do {
        struct step step;
        argument = parse_step(argument, &step);
        status = run_step(&step);
    } while (*argument);
    return status;
}
