# SPDX-License-Identifier: GPL-2.0-or-later
"""bpf(2), as far as bpftool would take seconds for each question: it reads the names of all of the kernel's functions."""

import ctypes
import os
import struct

SYS_BPF = 321  # x86-64
BPF_PROG_LOAD, BPF_OBJ_PIN, BPF_OBJ_GET, BPF_PROG_GET_FD_BY_ID, BPF_OBJ_GET_INFO_BY_FD = 5, 6, 7, 13, 15
BPF_RAW_TRACEPOINT_OPEN, BPF_LINK_CREATE = 17, 28
BPF_PROG_TYPE_LSM, BPF_LSM_MAC, BPF_TRACE_ITER, BPF_LINK_TYPE_CGROUP, BPF_LINK_TYPE_ITER = 29, 27, 28, 3, 4

_libc = ctypes.CDLL(None, use_errno=True)


def _bpf(command, attribute):
    buffer = ctypes.create_string_buffer(attribute.ljust(128, b"\0"), 128)
    result = _libc.syscall(SYS_BPF, command, buffer, len(buffer))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"bpf({command}): {os.strerror(ctypes.get_errno())}")
    return result


def _info(fd, info):
    _bpf(BPF_OBJ_GET_INFO_BY_FD, struct.pack("<IIQ", fd, len(info), ctypes.addressof(info)))


def _path(path):
    """What the kernel reads a path from; it has to live as long as the call."""
    return ctypes.create_string_buffer(os.fsencode(path))


def _link_info(link):
    """Its type, its number and its program's, and of a cgroup's how it is attached."""
    path = _path(link)
    fd = _bpf(BPF_OBJ_GET, struct.pack("<QII", ctypes.addressof(path), 0, 0))
    try:
        info = ctypes.create_string_buffer(32)  # struct bpf_link_info
        _info(fd, info)
        return *struct.unpack_from("<III", info), struct.unpack_from("<I", info, 24)[0]
    finally:
        os.close(fd)


def program_of(link):
    """The number of the program of a pinned link."""
    return _link_info(link)[2]


def number_of_link(link):
    """And its own."""
    return _link_info(link)[1]


class Broken:
    """A pinned link of which nobody else has a descriptor, gone for a while: the hook permits."""

    def __init__(self, link, cgroups="/sys/fs/cgroup"):
        self.link = link
        self.cgroups = cgroups

    def __enter__(self):
        self.kind, _, program, self.attach_type = _link_info(self.link)
        self.program = _bpf(BPF_PROG_GET_FD_BY_ID, struct.pack("<I", program))
        os.unlink(self.link)

    def __exit__(self, *_):
        if self.kind == BPF_LINK_TYPE_CGROUP:
            cgroup = os.open(self.cgroups, os.O_RDONLY)
            fd = _bpf(BPF_LINK_CREATE, struct.pack("<IIII", self.program, cgroup, self.attach_type, 0))
            os.close(cgroup)
        elif self.kind == BPF_LINK_TYPE_ITER:
            fd = _bpf(BPF_LINK_CREATE, struct.pack("<IIII", self.program, 0, BPF_TRACE_ITER, 0))
        else:
            fd = _bpf(BPF_RAW_TRACEPOINT_OPEN, struct.pack("<QI", 0, self.program))
        path = _path(self.link)
        _bpf(BPF_OBJ_PIN, struct.pack("<QII", ctypes.addressof(path), fd, 0))
        os.close(fd)
        os.close(self.program)


def instructions(program):
    """What the verifier made of a program, as bytes."""
    fd = _bpf(BPF_PROG_GET_FD_BY_ID, struct.pack("<I", program))
    try:
        info = ctypes.create_string_buffer(40)  # struct bpf_prog_info, as far as xlated_prog_insns
        _info(fd, info)
        code = ctypes.create_string_buffer(struct.unpack_from("<I", info, 20)[0])
        info = ctypes.create_string_buffer(struct.pack("<20xI8xQ", len(code), ctypes.addressof(code)), 40)
        _info(fd, info)
        return code.raw
    finally:
        os.close(fd)


def _number_of(program, offset):
    fd = _bpf(BPF_PROG_GET_FD_BY_ID, struct.pack("<I", program))
    try:
        info = ctypes.create_string_buffer(232)  # struct bpf_prog_info, as far as attach_btf_id
        _info(fd, info)
        return struct.unpack_from("<I", info, offset)[0]
    finally:
        os.close(fd)


def hook_of(program):
    """What a program of an LSM hook is attached to: the number of the kernel's function among its types."""
    return _number_of(program, 224)


def steps_of(program):
    """How many instructions the verifier followed until it took the program."""
    return _number_of(program, 216)


def attach_idle(hook):
    """Loads a program that permits everything and attaches it to such a hook: the descriptors that keep it there."""
    code = ctypes.create_string_buffer(bytes.fromhex("b700000000000000" "9500000000000000"))  # r0 = 0; exit
    licence = ctypes.create_string_buffer(b"GPL")
    program = _bpf(BPF_PROG_LOAD, struct.pack("<IIQQ44xI36xI", BPF_PROG_TYPE_LSM, 2, ctypes.addressof(code),
                                              ctypes.addressof(licence), BPF_LSM_MAC, hook))
    try:
        return program, _bpf(BPF_RAW_TRACEPOINT_OPEN, struct.pack("<QI4x", 0, program))
    except OSError:
        os.close(program)
        raise
