// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/control.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <optional>
#include <string_view>

namespace enforced::daemon {
namespace {

constexpr std::string_view question = "reload";
constexpr std::size_t longest_answer = 128 * 1024; // fits a socket's buffer by default
constexpr int patience = 5000;                     // ms for the question, once connected

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        return failure("the path of the control socket is too long");
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

/// The process behind a socket, if it is root's.
std::optional<std::uint32_t> root_process(int socket) {
    ucred peer = {};
    socklen_t size = sizeof(peer);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != 0)
        return {};
    return static_cast<std::uint32_t>(peer.pid);
}

bool asks_for_reload(int socket) {
    char text[16] = {};
    pollfd ready = {socket, POLLIN, 0};
    if (poll(&ready, 1, patience) != 1)
        return false;
    const ssize_t size = recv(socket, text, sizeof(text), MSG_DONTWAIT);
    return size >= 0 && std::string_view(text, static_cast<std::size_t>(size)) == question;
}

} // namespace

Result<Control> Control::listen(const std::string& path) {
    const auto address = address_of(path);
    const std::string directory = path.substr(0, path.rfind('/'));

    if (!address)
        return std::unexpected(address.error());
    if (mkdir(directory.c_str(), 0755) < 0 && errno != EEXIST)
        return failure("create " + directory, errno);
    Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        return failure("create a socket", errno);
    unlink(path.c_str()); // of a daemon before us; there is one at a time
    const mode_t before = umask(0177);
    const int bound = bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address));
    const int code = errno;
    umask(before);
    if (bound < 0)
        return failure("create " + path, code);
    if (::listen(socket.get(), 8) < 0)
        return failure("listen on " + path, errno);
    return Control(std::move(socket));
}

void Control::serve(const std::function<bool(std::uint32_t)>& governed,
                    const std::function<Answer()>& reload) {
    const Fd peer(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));

    const auto process = peer ? root_process(peer.get()) : std::nullopt;

    if (!process || !asks_for_reload(peer.get()))
        return;
    Answer answer = governed(*process)
                        ? Answer{false, "processes of governed units change nothing about enforcement\n"}
                        : reload();
    answer.text.insert(0, 1, answer.done ? '0' : '1');
    if (answer.text.size() > longest_answer)
        answer.text.resize(longest_answer);
    // If it has gone meanwhile, the journal has the answer as well.
    (void)::send(peer.get(), answer.text.data(), answer.text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

Result<Answer> ask_for_reload(const std::string& path) {
    const auto address = address_of(path);
    const Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    std::string text(longest_answer, '\0');

    if (!address)
        return std::unexpected(address.error());
    if (!socket || connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) < 0)
        return failure(
            "enforced cannot be reached at " + path + " (is it running? systemctl status enforced)", errno);
    if (!root_process(socket.get()))
        return failure("whoever listens at " + path + " is not root, and so not enforced");
    if (::send(socket.get(), question.data(), question.size(), MSG_NOSIGNAL) < 0)
        return failure("ask enforced to reload", errno);
    const ssize_t size = recv(socket.get(), text.data(), text.size(), 0);
    if (size < 0)
        return failure("wait for enforced to reload", errno);
    if (!size)
        return failure("enforced ended before it had reloaded; see journalctl -u enforced");
    text.resize(static_cast<std::size_t>(size));
    return Answer{text[0] == '0', text.substr(1)};
}

} // namespace enforced::daemon
