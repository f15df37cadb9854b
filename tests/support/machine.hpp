// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"

namespace enforced::test {

/// Field names and values; a name has one value in all entries of ours.
using JournalEntry = std::map<std::string, std::string>;

/// A machine for one daemon, as far as a mount namespace makes one: /etc, /run and the BPF file system are
/// empty and its own, systemd's and the journal's sockets are the test's, and there is a unit's cgroup.
class Machine {
  public:
    Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    ~Machine();

    /// Empty if all is well; else what this process may not do.
    [[nodiscard]] const std::string& fault() const { return fault_; }

    /// The name of the unit.
    [[nodiscard]] const std::string& unit() const { return unit_; }

    /// Writes /etc/enforced/policy.d/NAME.
    void policy(const std::string& name, const std::string& text);
    void remove_policy(const std::string& name);

    /// One that lets the unit send to port 7 of this machine, and nowhere else.
    void usual_policy();

    /// Starts the daemon; `environment` adds to what it gets.
    void start(const std::vector<std::string>& environment = {});

    /// Starts it, and waits until it says that it is ready.
    bool start_and_wait();

    /// Sends a signal, and waits for the end. Returns the exit status, 128 + N for an end by signal N.
    int end(int signal);

    /// Waits for the end.
    int wait();
    void signal(int signal) const;

    /// Runs the binary with an option. Returns its exit status; its output is in `output`.
    int run(const std::string& option, std::string* output = nullptr);

    /// errno of a packet sent by a process of the unit; 0 if it went out.
    [[nodiscard]] int send(int port) const;
    [[nodiscard]] int send_from_elsewhere(int port) const;

    /// Until an entry fits, or 10 s have passed. What was read before counts.
    bool wait_for_entry(const std::function<bool(const JournalEntry&)>& fits);
    bool wait_for_message(const std::string& part);

    /// Until systemd has been told something that contains `part`, or 10 s have passed. What it was told
    /// before does not count.
    bool wait_for_notice(const std::string& part);

    /// The sum of ENFORCED_COUNT over all refusals in the journal so far.
    std::uint64_t refusals();

    /// The last STATUS= that systemd was told.
    [[nodiscard]] const std::string& status() const { return status_; }

    std::vector<JournalEntry> journal;

  private:
    std::string prepare();
    bool wait_until(const std::function<bool()>& done);
    void read_journal();
    void read_notices();
    pid_t spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                int output);

    std::string unit_, cgroup_, status_, notices_;
    Fd journal_socket_, notify_socket_;
    pid_t daemon_ = 0;
    std::string fault_; // last: it is found out with the others
};

} // namespace enforced::test
