// SPDX-License-Identifier: GPL-2.0-or-later
/// What takes more than one call, of what the canary does.
#pragma once

#include <unistd.h>

#include <cerrno>

namespace enforced::kernel {

/// errno, of a call that returns a negative number for a failure.
inline int told(long returned) {
    return returned < 0 ? errno : 0;
}

inline int opened(int fd) {
    const int error = told(fd);
    if (fd >= 0)
        close(fd);
    return error;
}

/// A limit of its own, to what it is.
int keep_limit();
/// Likewise its priority, which it might not be allowed to raise.
int keep_priority();
/// Likewise the processors on which it may run.
int keep_processors();
/// From the first node to the first node.
int move_memory();
/// Such a signal does nothing if it comes.
int have_signal_sent();
/// The file of the cage.
int watch_file();
/// None at all, of the file of the cage.
int set_file_attributes();
/// One of a single number, which is gone again.
int make_map();
/// One that returns 0.
int load_program();

} // namespace enforced::kernel
