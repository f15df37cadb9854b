# SPDX-License-Identifier: GPL-2.0-or-later
"""What the compiler made of the programs: the functions of an object file for BPF, and which of them each calls."""

import struct
from dataclasses import dataclass, field

SHT_SYMTAB, SHT_REL, SHF_EXECINSTR = 2, 9, 4
STT_FUNC, STT_SECTION = 2, 3
INSTRUCTION = 8
CALL, LOAD_IMMEDIATE_64, BPF_PSEUDO_CALL, BPF_PSEUDO_FUNC = 0x85, 0x18, 1, 4  # linux/bpf.h


@dataclass
class Function:
    name: str
    section: str
    calls: list = field(default_factory=list)      # where what it calls begins, once for each instruction that does
    callbacks: list = field(default_factory=list)  # likewise, of those handed to bpf_loop() and the like


class ObjectFile:
    def __init__(self, path):
        with open(path, "rb") as file:
            self._bytes = file.read()
        offset, = struct.unpack_from("<Q", self._bytes, 40)
        size, count, names = struct.unpack_from("<HHH", self._bytes, 58)
        headers = [struct.unpack_from("<IIQQQQIIQQ", self._bytes, offset + size * index) for index in range(count)]
        self._headers = headers
        self._names = [self._text(headers[names][4], header[0]) for header in headers]
        table = next(header for header in headers if header[1] == SHT_SYMTAB)
        strings = headers[table[6]][4]
        # name, type, section, value, size
        self._symbols = [(self._text(strings, name), info & 15, section, value, length)
                         for name, info, _, section, value, length
                         in struct.iter_unpack("<IBBHQQ", self._contents(table))]
        # By where they begin: functions of several sources may be called the same.
        self.functions = {(section, value): self._function(name, section, value, length)
                          for name, kind, section, value, length in self._symbols if kind == STT_FUNC}

    def _text(self, table, offset):
        return self._bytes[table + offset:self._bytes.index(b"\0", table + offset)].decode()

    def _contents(self, header):
        return self._bytes[header[4]:header[4] + header[5]]

    def _relocations(self, section):
        """Symbols by offset."""
        return {offset: self._symbols[info >> 32] for header in self._headers if header[1] == SHT_REL and header[7] == section
                for offset, info in struct.iter_unpack("<QQ", self._contents(header))}

    def _function(self, name, section, start, length):
        function = Function(name, self._names[section])
        code = self._contents(self._headers[section])
        relocations = self._relocations(section)
        for at in range(start, start + length, INSTRUCTION):
            opcode, registers, _, immediate = struct.unpack_from("<BBhi", code, at)
            symbol = relocations.get(at)
            if opcode == CALL and registers >> 4 == BPF_PSEUDO_CALL:
                if not symbol:
                    target = section, at + (immediate + 1) * INSTRUCTION
                else:  # of a section: where in it stands in the instruction
                    target = symbol[2], symbol[3] + (immediate + 1) * INSTRUCTION * (symbol[1] == STT_SECTION)
                function.calls.append(target)
            elif opcode == LOAD_IMMEDIATE_64 and symbol and self._headers[symbol[2]][2] & SHF_EXECINSTR:
                function.callbacks.append((symbol[2], symbol[3] + immediate))
        return function

    def loaded_with(self, program):
        """The functions that the kernel gets with a program, itself among them."""
        left = [start for start, function in self.functions.items()
                if function.name == program and function.section != ".text"]
        found = {}
        while left:
            start = left.pop()
            if start not in found:
                found[start] = self.functions[start]
                left += found[start].calls + found[start].callbacks
        return list(found.values())
