// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/machine.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "host/mounts.hpp"

namespace enforced::test {
namespace {

constexpr const char* own_places[] = {"/etc", "/run", "/sys/fs/bpf"};
constexpr const char* policies = "/etc/enforced/policy.d/";

Fd listen_at(const std::string& path) {
    Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) < 0)
        socket.reset();
    return socket;
}

/// Empty if nothing has come.
std::string receive(const Fd& socket) {
    std::string text(1 << 20, '\0');
    const ssize_t size = recv(socket.get(), text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
}

/// The journal's native protocol: NAME=VALUE\n, or NAME\n, a length in 8 bytes, VALUE\n.
JournalEntry parse_entry(std::string_view text) {
    JournalEntry entry;

    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        if (const std::size_t equals = line.find('='); equals != line.npos) {
            entry[std::string(line.substr(0, equals))] = line.substr(equals + 1);
            text.remove_prefix(std::min(text.size(), line.size() + 1));
            continue;
        }
        std::uint64_t length = 0;
        std::memcpy(&length, text.data() + line.size() + 1, sizeof(length));
        entry[std::string(line)] = text.substr(line.size() + 9, length);
        text.remove_prefix(line.size() + 9 + length + 1);
    }
    return entry;
}

int send_packet(int port) {
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (sendto(socket.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&address), sizeof(address)) < 0)
        return errno;
    return 0;
}

int exit_status(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace

Machine::Machine() : unit_("enforced-test-" + std::to_string(getpid()) + ".service"), fault_(prepare()) {}

Machine::~Machine() {
    if (daemon_)
        end(SIGKILL);
    rmdir(cgroup_.c_str());
    for (const char* place : own_places)
        umount2(place, MNT_DETACH);
}

std::string Machine::prepare() {
    const auto mounts = host::read_mounts();
    const auto root = host::find_cgroup_root(*mounts);

    if (!root)
        return "no cgroup2 is mounted";
    if (unshare(CLONE_NEWNS) < 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0)
        return std::string("cannot have a mount namespace: ") + std::strerror(errno);
    for (const char* place : own_places) {
        const char* type = std::string(place) == "/sys/fs/bpf" ? "bpf" : "tmpfs";
        if (mount(type, place, type, 0, "mode=755") < 0)
            return std::string("cannot mount a ") + type + ": " + std::strerror(errno);
    }
    cgroup_ = *root + "/" + unit_;
    if (mkdir(cgroup_.c_str(), 0755) < 0 && errno != EEXIST)
        return std::string("cannot make a cgroup: ") + std::strerror(errno);
    std::filesystem::create_directories(policies);
    std::filesystem::create_directories("/run/systemd/journal");
    journal_socket_ = listen_at("/run/systemd/journal/socket");
    notify_socket_ = listen_at("/run/notify");
    return {};
}

void Machine::policy(const std::string& name, const std::string& text) {
    std::ofstream(policies + name) << text;
    chmod((policies + name).c_str(), 0644);
}

void Machine::remove_policy(const std::string& name) {
    unlink((policies + name).c_str());
}

void Machine::usual_policy() {
    policy("usual.toml", "units = [\"" + unit_ +
                             "\"]\n[network]\ndefault = \"deny\"\nconnect.allow = [\"udp:127.0.0.1:7\"]\n");
}

pid_t Machine::spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                     int output) {
    const pid_t child = fork();
    if (child)
        return child;
    std::vector<char*> argv, envp;
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    for (const std::string& variable : environment)
        envp.push_back(const_cast<char*>(variable.c_str()));
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execve(ENFORCED, argv.data(), envp.data());
    _exit(127);
}

void Machine::start(const std::vector<std::string>& environment) {
    const Fd output(open("/run/output", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    std::vector<std::string> variables = environment;
    variables.emplace_back("NOTIFY_SOCKET=/run/notify");
    daemon_ = spawn({"enforced"}, variables, output ? output.get() : STDERR_FILENO);
}

bool Machine::start_and_wait() {
    start();
    return wait_for_notice("READY=1");
}

void Machine::signal(int signal) const {
    kill(daemon_, signal);
}

int Machine::wait() {
    int status = 0;
    waitpid(std::exchange(daemon_, 0), &status, 0);
    return exit_status(status);
}

int Machine::end(int signal_number) {
    signal(signal_number);
    return wait();
}

int Machine::run(const std::string& option, std::string* output) {
    int pipe_ends[2], status = 0;
    if (pipe2(pipe_ends, O_CLOEXEC) < 0)
        return -1;
    const Fd reader(pipe_ends[0]);
    Fd writer(pipe_ends[1]);
    const pid_t child = spawn({"enforced", option}, {}, writer.get());
    writer.reset();
    char buffer[4096];
    for (ssize_t size; (size = read(reader.get(), buffer, sizeof(buffer))) > 0;) {
        if (output)
            output->append(buffer, static_cast<std::size_t>(size));
    }
    waitpid(child, &status, 0);
    return exit_status(status);
}

int Machine::send(int port) const {
    int status = 0;
    const pid_t child = fork();
    if (!child) {
        const Fd procs(open((cgroup_ + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
        if (write(procs.get(), "0", 1) != 1)
            _exit(255);
        _exit(send_packet(port));
    }
    waitpid(child, &status, 0);
    return exit_status(status);
}

int Machine::send_from_elsewhere(int port) const {
    return send_packet(port);
}

bool Machine::wait_until(const std::function<bool()>& done) {
    using namespace std::chrono;
    const auto deadline = steady_clock::now() + seconds(10);

    for (;;) {
        read_journal();
        read_notices();
        if (done())
            return true;
        const auto left = duration_cast<milliseconds>(deadline - steady_clock::now()).count();
        pollfd sockets[] = {{journal_socket_.get(), POLLIN, 0}, {notify_socket_.get(), POLLIN, 0}};
        if (left <= 0 || poll(sockets, 2, static_cast<int>(left)) < 0)
            return false;
    }
}

void Machine::read_journal() {
    for (std::string text; !(text = receive(journal_socket_)).empty();)
        journal.push_back(parse_entry(text));
}

void Machine::read_notices() {
    for (std::string text; !(text = receive(notify_socket_)).empty();) {
        notices_ += text + "\n";
        if (const std::size_t at = text.find("STATUS="); at != text.npos)
            status_ = text.substr(at + 7, text.find('\n', at) - at - 7);
    }
}

bool Machine::wait_for_entry(const std::function<bool(const JournalEntry&)>& fits) {
    return wait_until([&] { return std::ranges::any_of(journal, fits); });
}

bool Machine::wait_for_message(const std::string& part) {
    return wait_for_entry([&](const JournalEntry& entry) {
        return entry.contains("MESSAGE") && entry.at("MESSAGE").find(part) != std::string::npos;
    });
}

bool Machine::wait_for_notice(const std::string& part) {
    const bool found = wait_until([&] { return notices_.find(part) != notices_.npos; });
    notices_.clear();
    return found;
}

std::uint64_t Machine::refusals() {
    std::uint64_t sum = 0;

    read_journal();
    for (const JournalEntry& entry : journal) {
        if (entry.contains("ENFORCED_ACTION"))
            sum += std::stoull(entry.at("ENFORCED_COUNT"));
    }
    return sum;
}

} // namespace enforced::test
