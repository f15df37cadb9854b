// SPDX-License-Identifier: GPL-2.0-or-later
/// What the canary does: for each hook something that the kernel must ask it about.
#pragma once

#include <span>
#include <string>

#include "abi/hook.h"
#include "base/fd.hpp"

namespace enforced::kernel {

/// Where the canary works: a mount namespace and a small file system of its own, with all descriptors open
/// that it needs, so that an errand touches its own hook and none before. Made in the child; it does not
/// return.
class Cage {
  public:
    /// `cgroup` is the path of the cgroup to be made by the errands.
    explicit Cage(std::string cgroup);

    /// errno of what could not be prepared, 0 if all is well.
    [[nodiscard]] int fault() const { return fault_; }

    std::string cgroup;
    Fd file;     // a regular file, open for reading and writing
    Fd image;    // one of a single byte, that nobody writes to
    Fd parcel;   // a socket from which a descriptor can be received
    Fd context;  // for the reconfiguration of the file system
    Fd listener; // a local one, with a name of its own
    Fd mailbox;  // likewise, for datagrams
    Fd udp4, udp6, tcp4, to_bind4, to_bind6, to_send4, to_send6;

  private:
    int prepare();
    int post_parcel();

    int fault_;
    Fd sender_;
};

/// Results of an errand besides 0 and an errno.
constexpr int not_told = -2;   // the one who asked does not learn of the refusal
constexpr int not_needed = -3; // this machine has nothing of the kind: no IPv6

struct Errand {
    enforced_hook hook;
    int (*run)(Cage&);
    int no_return = 0; // the result of one that does not return: the child is another program now
    int refusal = 0;   // the errno of a refusal, where the one who asked does not get to see the hook's
};

/// In the order in which they are to be run: those that may end the child are last.
std::span<const Errand> errands();

} // namespace enforced::kernel
