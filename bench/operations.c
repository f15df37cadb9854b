/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tools/bench counts. Runs each operation many times and prints a line for each operation:
 *
 *     NAME <tab> 10th percentile <tab> median <tab> 90th percentile
 *
 * in nanoseconds of the clock, less what reading the clock takes. In a virtual machine that counts
 * instructions (tools/vm --icount) those are instructions.
 *
 *     operations prepare            makes the files
 *     operations measure allowed    measures, in a process that may open SECRET
 *     operations measure refused    measures, in one that may not: shows that it is governed at all
 *     operations true               does nothing: what `exec` runs
 *
 * Static, and at a fixed place: a policy for it need not allow anything else. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SELF "/srv/bench/operations"
#define DIRECTORY "/srv/bench/a/b/c/d" /* a file in it has seven components */
#define ASIDE "/srv/bench/aside/file"
#define SECRET "/srv/bench/vault/secret.key"
#define FILES 256
#define PORT 4000 /* and nobody listens at the next one */
#define SAMPLES_MAX 1001

struct operation {
    const char* name;
    int warm_up; /* runs that are not counted */
    int samples; /* odd, so that there is a median */
    void (*before)(int turn);
    void (*run)(int turn); /* what is counted */
    void (*after)(int turn);
};

static char files[FILES][64];
static int listener;

static void fail(const char* format, ...) {
    const int error = errno;
    va_list arguments;

    va_start(arguments, format);
    fputs("operations: ", stderr);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, ": %s\n", strerror(error));
    va_end(arguments);
    exit(1);
}

static void open_and_close(const char* path) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        fail("open %s", path);
    close(fd);
}

static void open_same(int turn) {
    (void)turn;
    open_and_close(files[0]);
}

static void open_next(int turn) {
    open_and_close(files[turn % FILES]);
}

/* A rename anywhere makes whoever remembers directories forget them all. There and back. */
static void rename_aside(int turn) {
    (void)turn;
    if (rename(ASIDE, ASIDE "-renamed") || rename(ASIDE "-renamed", ASIDE))
        fail("rename %s", ASIDE);
}

static void nothing(int turn) {
    (void)turn;
}

static void execute(int turn) {
    char* arguments[] = {SELF, "true", NULL};
    const pid_t child = fork();
    int status;

    (void)turn;
    if (child < 0)
        fail("fork");
    if (!child) {
        execv(SELF, arguments);
        _exit(127);
    }
    if (waitpid(child, &status, 0) != child)
        fail("wait");
    if (status) {
        errno = EACCES;
        fail("exec of %s: status %d", SELF, status);
    }
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static void connect_to(int port, int expected) {
    const struct sockaddr_in address = loopback(port);
    const struct linger at_once = {.l_onoff = 1}; /* leaves no socket behind in TIME_WAIT */
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = 0;

    if (fd < 0)
        fail("socket");
    if (connect(fd, (const struct sockaddr*)&address, sizeof(address)))
        error = errno;
    if (error != expected) {
        errno = error;
        fail("connect to port %d", port);
    }
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
}

static void connect_open(int turn) {
    (void)turn;
    connect_to(PORT, 0);
}

static void connect_closed(int turn) {
    (void)turn;
    connect_to(PORT + 1, ECONNREFUSED);
}

static void begin_to_listen(int turn) {
    const struct sockaddr_in address = loopback(PORT);
    const int yes = 1;

    (void)turn;
    if (listener)
        return;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (listener < 0 || bind(listener, (const struct sockaddr*)&address, sizeof(address)) ||
        listen(listener, 16))
        fail("listen at port %d", PORT);
}

static void take_connection(int turn) {
    (void)turn;
    close(accept(listener, NULL, NULL));
}

static const struct operation clock_itself = {"clock", 10, 101, nothing, nothing, nothing};
static const struct operation operations[] = {
    {"open-same", FILES, 1001, nothing, open_same, nothing},
    {"open-directory", FILES, 1001, nothing, open_next, nothing},
    {"open-cold", FILES, 501, rename_aside, open_next, nothing},
    {"exec", 30, 101, nothing, execute, nothing},
    {"connect", 50, 301, begin_to_listen, connect_open, take_connection},
    {"connect-closed", 50, 301, nothing, connect_closed, nothing},
};

static long now(void) {
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static int by_value(const void* a, const void* b) {
    const long x = *(const long*)a, y = *(const long*)b;

    return (x > y) - (x < y);
}

/* Sorted. Turns go on counting from the warm-up. */
static const long* sample(const struct operation* operation) {
    static long samples[SAMPLES_MAX];
    long start;

    for (int turn = 0; turn < operation->warm_up + operation->samples; turn++) {
        operation->before(turn);
        start = now();
        operation->run(turn);
        if (turn >= operation->warm_up)
            samples[turn - operation->warm_up] = now() - start;
        operation->after(turn);
    }
    qsort(samples, operation->samples, sizeof(*samples), by_value);
    return samples;
}

static void measure(void) {
    const long clock = sample(&clock_itself)[clock_itself.samples / 2];
    const long* sorted;

    usleep(200000); /* let the manager do what it does about a unit that has started */
    for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
        const int count = operations[i].samples;

        sorted = sample(&operations[i]);
        printf("%s\t%ld\t%ld\t%ld\n", operations[i].name, sorted[count / 10] - clock,
               sorted[count / 2] - clock, sorted[count - 1 - count / 10] - clock);
    }
}

static void touch(const char* path) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    if (fd < 0)
        fail("create %s", path);
    close(fd);
}

static void prepare(void) {
    const char* directories[] = {"/srv/bench/a", "/srv/bench/a/b",   "/srv/bench/a/b/c",
                                 DIRECTORY,      "/srv/bench/aside", "/srv/bench/vault"};

    for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
        if (mkdir(directories[i], 0755))
            fail("mkdir %s", directories[i]);
    }
    for (int i = 0; i < FILES; i++)
        touch(files[i]);
    touch(ASIDE);
    touch(SECRET);
}

/* Whether the process is governed as it should be: figures of one that is not would look splendid. */
static void expect(const char* what) {
    const int fd = open(SECRET, O_RDONLY | O_CLOEXEC);

    if ((fd >= 0) == !strcmp(what, "allowed") && (fd >= 0 || errno == EACCES)) {
        close(fd);
        return;
    }
    fail("open %s should be %s", SECRET, what);
}

int main(int count, char** arguments) {
    const char* verb = count > 1 ? arguments[1] : "";

    if (!strcmp(verb, "true"))
        return 0;
    for (int i = 0; i < FILES; i++)
        snprintf(files[i], sizeof(files[i]), DIRECTORY "/file-%03d", i);
    if (!strcmp(verb, "prepare") && count == 2) {
        prepare();
    } else if (!strcmp(verb, "measure") && count == 3) {
        expect(arguments[2]);
        measure();
    } else {
        fputs("usage: operations prepare | measure allowed | measure refused | true\n", stderr);
        return 2;
    }
    return 0;
}
