// SPDX-License-Identifier: GPL-2.0-or-later
/// oracle DIRECTORY: answers from the policies NAME.toml in DIRECTORY what a kernel that has every hook will
/// answer, by the evaluator that `explain` uses. A question is a line of the standard input, with tabs
/// between UNIT, OPERATION and OBJECT, the latter two as the journal has them; OPERATION may begin with
/// "identity ", for an object known by that name and reached under another. Answers are "allow", "deny" and
/// "kill".
///
/// With --check it says of each file, line by line, "good" or what is wrong with it, and asks nothing.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "plan/attempt.hpp"
#include "plan/compile.hpp"
#include "policy/check.hpp"
#include "policy/parse.hpp"

namespace {

using namespace enforced;

struct File {
    policy::Policy policy;
    std::string fault; // empty if it is good
};

File read(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    File file;
    policy::Diagnostics diagnostics;
    file.policy.name = path.stem();
    policy::parse(text.str(), path, file.policy, diagnostics);
    std::ranges::move(policy::check(file.policy), std::back_inserter(diagnostics));
    const auto error =
        std::ranges::find(diagnostics, policy::Diagnostic::Severity::error, &policy::Diagnostic::severity);
    if (error != diagnostics.end())
        file.fault = render(*error);
    return file;
}

const char* word(enforced_verdict verdict) {
    if (verdict == ENFORCED_KILL)
        return "kill";
    return verdict == ENFORCED_DENY ? "deny" : "allow";
}

class Oracle {
  public:
    explicit Oracle(plan::Plan plan) : plan_(std::move(plan)), evaluator_(plan_) {}

    [[nodiscard]] std::string answer(const std::string& line) const {
        const auto first = line.find('\t'), second = line.find('\t', first + 1);
        if (first == std::string::npos || second == std::string::npos)
            return "what?";
        std::string operation = line.substr(first + 1, second - first - 1);
        const bool by_identity = operation.starts_with("identity ");
        if (by_identity)
            operation.erase(0, operation.find(' ') + 1);
        const auto known = plan::operation_named(operation);
        if (!known)
            return "what?";
        const auto question = plan::question_of({.operation = *known, .object = line.substr(second + 1)});
        if (!question)
            return question.error().message;
        const auto set = evaluator_.set_of("/system.slice/" + line.substr(0, first));
        if (by_identity) {
            const auto& path = std::get<plan::PathQuestion>(*question);
            return word(evaluator_.by_identity(set, path.name, path.access).verdict);
        }
        return word(plan::ask(plan_, evaluator_, set, *question).verdict);
    }

  private:
    plan::Plan plan_;
    plan::Evaluator evaluator_;
};

} // namespace

int main(int argc, char** argv) {
    const bool only_check = argc == 3 && std::string_view(argv[1]) == "--check";
    if (argc != 2 && !only_check) {
        std::cerr << "usage: oracle [--check] DIRECTORY\n";
        return 2;
    }
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(argv[argc - 1]))
        paths.push_back(entry.path());
    std::ranges::sort(paths);
    std::vector<policy::Policy> policies;
    for (const auto& path : paths) {
        auto file = read(path);
        if (only_check)
            std::cout << path.stem().string() << "\t" << (file.fault.empty() ? "good" : file.fault) << "\n";
        policies.push_back(std::move(file.policy));
    }
    if (only_check)
        return 0;

    plan::Facts facts;
    facts.hooks.set();
    auto plan = plan::compile(policies, facts);
    if (!plan) {
        std::cerr << plan.error().message << "\n";
        return 1;
    }
    const Oracle oracle(std::move(*plan));
    for (std::string line; std::getline(std::cin, line);)
        std::cout << oracle.answer(line) << std::endl;
    return 0;
}
