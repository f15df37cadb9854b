// SPDX-License-Identifier: GPL-2.0-or-later
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "daemon/control.hpp"
#include "daemon/daemon.hpp"
#include "daemon/features.hpp"
#include "daemon/message.hpp"
#include "daemon/notice.hpp"
#include "daemon/release.hpp"

namespace enforced::daemon {
namespace {

int complain(const std::string& text) {
    fmt::print(stderr, "enforced: {}\n", text);
    return EXIT_FAILURE;
}

int run_daemon() {
    auto daemon = Daemon::start();
    if (daemon) {
        const auto run = (*daemon)->run();
        return run ? EXIT_SUCCESS : complain(run.error().message);
    }
    (void)tell(Entry(LOG_ERR, message::cannot_start, daemon.error().message));
    notify_status(daemon.error().message);
    // For all but a moment's shortage, trying again would only repeat the message; see
    // RestartPreventExitStatus=.
    return daemon.error().code == ENOMEM || daemon.error().code == EAGAIN ? EXIT_FAILURE : EX_CONFIG;
}

int run_reload() {
    const auto answer = ask_for_reload();
    if (!answer)
        return complain(answer.error().message);
    if (!standard_error_is_journal())
        fmt::print(stderr, "{}", answer->text);
    return answer->done ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run_release() {
    const auto released = release();
    if (!released)
        return complain(released.error().message);
    fmt::print("{}\n", *released);
    return EXIT_SUCCESS;
}

int run_features() {
    const auto table = feature_table();
    if (!table)
        return complain(table.error().message);
    fmt::print("{}", *table);
    return EXIT_SUCCESS;
}

} // namespace
} // namespace enforced::daemon

int main(int argc, char** argv) {
    using namespace enforced::daemon;
    CLI::App app(
        "Holds systemd units to their policies. Without an option it is the daemon, which systemd starts.");
    bool reload = false, release = false, features = false;

    app.set_version_flag("--version", ENFORCED_VERSION);
    auto* actions = app.add_option_group("actions")->require_option(0, 1);
    actions->add_flag("--reload", reload,
                      "Let the daemon read the policy files anew; fails if they are refused");
    actions->add_flag("--release", release, "Lift all that is in force; the daemon must not be running");
    actions->add_flag("--features", features, "Show which hooks of this kernel work");
    CLI11_PARSE(app, argc, argv);
    if (geteuid() != 0)
        return complain("only root may do that");
    if (reload)
        return run_reload();
    if (release)
        return run_release();
    if (features)
        return run_features();
    return run_daemon();
}
