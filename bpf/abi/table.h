/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables: automata laid out in banks, the one form in which rules reach the kernel.
 *
 * A bank is an array of 64-bit cells. Everything a governed unit is judged by lies in one bank, so that a
 * hook looks the bank up once and then only indexes it, each index masked to the bank's size.
 *
 * An automaton is deterministic over bytes. One step, from state s on byte b:
 *
 *     row   = bank[states + s]             low half: base, a cell index; high half: the state to go to by
 * default entry = bank[row.base + b]           low half: check; high half: next s     = entry.check == s ?
 * entry.next : row.default
 *
 * Each state keeps only what differs from its most frequent target; the rows of all states are laid over one
 * another, and `check` says whose an entry is. The cost is two loads a byte whatever the number of rules.
 * Several automata of one bank share its entries, so states are numbered through the whole bank: `check` is
 * unambiguous within a bank, and state 0 of a bank belongs to nobody, so that an unused entry (zero) matches
 * none.
 *
 * What a state decides is bank[accept + s]: low half a row index, high half flags.
 */
#ifndef ENFORCED_ABI_TABLE_H
#define ENFORCED_ABI_TABLE_H

#include <linux/types.h>

#define ENFORCED_BANK_CELLS (1U << 18) /* 2 MiB; below 6.2 a map value may not exceed 4 MiB */
#define ENFORCED_BANK_MASK (ENFORCED_BANK_CELLS - 1)

/* Cell indices within a bank. `states` and `accept` are biased so that they are indexed by the bank-wide
 * state number; `rows` is where row 0 begins. `start` is a state number; 0 means that there is no automaton.
 */
struct enforced_dfa {
    __u32 states;
    __u32 accept;
    __u32 start;
    __u32 rows;
};

/* High half of an accept cell. */
#define ENFORCED_STATE_FREE_BELOW                                                                            \
    1U /* the name, and every name below it, permits every access: a directory may move away */

/* What is done about an operation, from the mildest to the severest. Several rules or policies that speak of
 * the same operation yield the severest. */
enum enforced_verdict {
    ENFORCED_ALLOW = 0,
    ENFORCED_LOG = 1,        /* action = "audit": permitted, and said */
    ENFORCED_WOULD_DENY = 2, /* mode = "audit": permitted, and said that it would have been refused */
    ENFORCED_WOULD_KILL = 3,
    ENFORCED_DENY = 4,
    ENFORCED_KILL = 5, /* refused, and the process gets SIGKILL */
};
#define ENFORCED_IS_REFUSAL(verdict) ((verdict) >= ENFORCED_DENY)

/* A verdict cell: low half the index of the deciding rule in the set's list of rules, high half the verdict.
 */
#define ENFORCED_CELL_LOW(cell) ((__u32)(cell))
#define ENFORCED_CELL_HIGH(cell) ((__u32)((cell) >> 32))
#define ENFORCED_CELL(low, high) ((__u64)(__u32)(low) | (__u64)(__u32)(high) << 32)

/* What may be asked of a path. The first seven are the file rules' `access`. */
enum enforced_access {
    ENFORCED_READ,
    ENFORCED_WRITE,
    ENFORCED_CREATE,
    ENFORCED_DELETE,
    ENFORCED_RENAME,
    ENFORCED_LINK,
    ENFORCED_ATTR,
    ENFORCED_IMAGE,  /* the kernel opens it to execute it: only rules that refuse `read` speak of this */
    ENFORCED_RUN,    /* execve */
    ENFORCED_MAP,    /* mmap or mprotect with PROT_EXEC */
    ENFORCED_SOCKET, /* connecting to the local socket of that name, or sending to it */
    ENFORCED_ACCESS_COUNT,
};
#define ENFORCED_FILE_ACCESS_MASK ((1U << ENFORCED_IMAGE) - 1)

/* A row of a path automaton:
 *   [0]                        low half: mask of the accesses that the name permits (bit = enum
 * enforced_access), those of FILE_ACCESS_MASK only [1 + access]               verdict cell by name: allow,
 * deny, kill, audit rules and the default [1 + ACCESS_COUNT + access] verdict cell by identity: deny and kill
 * rules only
 */
#define ENFORCED_PATH_ROW_CELLS (1 + 2 * ENFORCED_ACCESS_COUNT)
#define ENFORCED_ROW_BY_NAME 1
#define ENFORCED_ROW_BY_IDENTITY (1 + ENFORCED_ACCESS_COUNT)

/* A network automaton reads: operation, IP protocol, 4 or 6, the address (4 or 16 bytes, network order), the
 * port (2 bytes, network order). IPv4-mapped IPv6 addresses are read as IPv4; for `connect` the unspecified
 * address is read as the loopback address, which is where the kernel sends it. Its rows are one verdict cell.
 */
enum enforced_network_op {
    ENFORCED_CONNECT = 1,
    ENFORCED_BIND = 2,
    ENFORCED_ACCEPT = 3, /* address of the peer, port 0 */
};
#define ENFORCED_NETWORK_ROW_CELLS 1

/* The automaton of unit names reads the path of a unit's cgroup from the root of the hierarchy down to the
 * unit, "/system.slice/nginx.service"; `release` automata read the same of the destination. Of a unit of a
 * user's manager, a newline stands where the manager's own unit ends, "/user.slice/user-1.slice/
 * user@1.service\napp.slice/a.service": no cgroup's name holds one, so that nothing that a user calls a
 * cgroup is taken for a unit of PID 1's. The low half of their accept cells is the answer itself: a set id,
 * or whether to release. They have no rows. */

#endif
