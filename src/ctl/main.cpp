// SPDX-License-Identifier: GPL-2.0-or-later
#include <clocale>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "ctl/command_line.hpp"
#include "ctl/exit.hpp"

namespace enforced::ctl {
namespace {

/// What could not be written was not said: a full disk behind a redirection is no success.
int finish_output(int status) {
    if (std::fflush(stdout) == 0 && !std::ferror(stdout))
        return status;
    if (errno == EPIPE) // who reads has read enough
        return status;
    std::perror("enforcectl: cannot write to standard output");
    return status ? status : exit_failed;
}

int run(int argc, char** argv) {
    CommandLine line;
    if (const auto status = line.parse(argc, argv))
        return finish_output(*status);
    const auto status = line.act();
    if (status)
        return finish_output(*status);
    std::fflush(stdout);
    std::fprintf(stderr, "enforcectl: %s\n", status.error().message.c_str());
    return exit_status(status.error());
}

} // namespace
} // namespace enforced::ctl

int main(int argc, char** argv) {
    std::setlocale(LC_ALL, "");
    return enforced::ctl::run(argc, argv);
}
