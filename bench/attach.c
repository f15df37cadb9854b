/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attaches every program of an object, says so in a line, and keeps them attached until its standard input
 * ends. */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Links are not kept: they end with the process. Returns 0, or a negative error number. */
static int attach_all(struct bpf_object* object) {
    struct bpf_program* program;
    int error = bpf_object__load(object);

    if (error)
        return error;
    bpf_object__for_each_program(program, object) {
        error = libbpf_get_error(bpf_program__attach(program));
        if (error)
            return error;
    }
    return 0;
}

int main(int count, char** arguments) {
    struct bpf_object* object = count == 2 ? bpf_object__open_file(arguments[1], NULL) : NULL;
    int error;
    char byte;

    if (count != 2) {
        fputs("usage: attach OBJECT\n", stderr);
        return 2;
    }
    if (!object) {
        perror(arguments[1]);
        return 1;
    }
    error = attach_all(object);
    if (error) {
        fprintf(stderr, "attach: %s: %s\n", arguments[1], strerror(-error));
        return 1;
    }
    puts("attached");
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    return 0;
}
