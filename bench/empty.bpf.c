/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The floor: programs that do nothing, on the hook at which each measured operation is judged. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("lsm/file_open")
int empty_file_open(void* context) {
    return 0;
}

SEC("lsm/bprm_check_security")
int empty_bprm_check_security(void* context) {
    return 0;
}

SEC("lsm/socket_connect")
int empty_socket_connect(void* context) {
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
