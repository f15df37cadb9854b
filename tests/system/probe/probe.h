/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that tries one thing and says how it went. An operation returns 0 if it was let through, the
 * errno with which it was refused, or untried(errno) if something that it needs first did not work: a broken
 * test must not look like enforcement. */
#ifndef ENFORCED_PROBE_H
#define ENFORCED_PROBE_H

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

#define UNTRIED 0x10000

struct operation {
    const char* name;
    int arguments;
    int (*run)(char** arguments);
    const char* usage;
};

extern const struct operation file_operations[], held_operations[], name_operations[], mount_operations[],
    memory_operations[], run_operations[], network_operations[], pass_operations[], ring_file_operations[],
    ring_socket_operations[], puppet_operations[], capability_operations[], kernel_operations[],
    module_operations[], cgroup_operations[], legacy_operations[], race_operations[], sctp_operations[],
    watch_operations[], connection_operations[], bus_operations[], local_operations[], serve_operations[];

/* What a system call came to, judged by its value. Evaluates errno. */
static inline int outcome(long value) {
    return value < 0 ? errno : 0;
}

static inline int untried(int error) {
    return UNTRIED | (error ? error : EINVAL);
}

/* The same for an open descriptor, which is closed. */
int outcome_of_fd(int fd);

/* Reads a byte from an open descriptor, which is closed; or opens anew what it stands for. */
int read_from(int fd);
int read_again(int fd);

/* The number of a process that stands in a file; -1 if there is none. */
pid_t process_in(const char* path);

/* Name of an errno ("EACCES") or number of one; 0 if there is none. */
int errno_of(const char* name);

/* An argument as a number, of which the caller knows that it is one; the program ends otherwise. */
long number(const char* argument);

/* Addresses and sockets, for those who do not go by the ordinary calls. */
struct sockaddr;
unsigned read_address(const char* address, const char* port, void* storage);
int make_socket(const char* protocol, const char* address);
void make_nonblocking(int fd);

/* The descriptor that somebody gives at an abstract address; -1 with the outcome of trying. */
int receive(const char* name, int* error);

struct sockaddr_un;
unsigned read_local(const char* name, struct sockaddr_un*);

#endif
