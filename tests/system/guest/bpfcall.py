# SPDX-License-Identifier: GPL-2.0-or-later
"""bpf(2), as far as bpftool would take seconds for each question: it reads the names of all of the kernel's functions."""

import ctypes
import os
import struct

SYS_BPF = 321  # x86-64
BPF_OBJ_GET, BPF_PROG_GET_FD_BY_ID, BPF_OBJ_GET_INFO_BY_FD = 7, 13, 15

_libc = ctypes.CDLL(None, use_errno=True)


def _bpf(command, attribute):
    buffer = ctypes.create_string_buffer(attribute.ljust(128, b"\0"), 128)
    result = _libc.syscall(SYS_BPF, command, buffer, len(buffer))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"bpf({command}): {os.strerror(ctypes.get_errno())}")
    return result


def _info(fd, info):
    _bpf(BPF_OBJ_GET_INFO_BY_FD, struct.pack("<IIQ", fd, len(info), ctypes.addressof(info)))


def program_of(link):
    """The number of the program of a pinned link."""
    path = ctypes.create_string_buffer(os.fsencode(link))
    fd = _bpf(BPF_OBJ_GET, struct.pack("<QII", ctypes.addressof(path), 0, 0))
    try:
        info = ctypes.create_string_buffer(32)  # struct bpf_link_info: type, id, prog_id
        _info(fd, info)
        return struct.unpack_from("<III", info)[2]
    finally:
        os.close(fd)


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
