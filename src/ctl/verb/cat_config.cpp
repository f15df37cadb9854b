// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>

#include "base/quote.hpp"
#include "ctl/composition.hpp"
#include "ctl/exit.hpp"
#include "ctl/installed.hpp"
#include "ctl/output/document.hpp"
#include "ctl/output/pager.hpp"
#include "ctl/output/print.hpp"
#include "ctl/verb/verbs.hpp"
#include "policy/diagnostic.hpp"

namespace enforced::ctl {
namespace {

struct Request {
    std::vector<std::string> policies;
    std::string root;
};

std::string header(const policy::Source& source, const std::string& remark, const Options& options) {
    return tinted("# " + printable(source.path) + (remark.empty() ? "" : " (" + remark + ")"), Tint::faint,
                  options.terminal) +
           "\n";
}

/// A file as it is, below its path.
std::string draw(const policy::Source& source, const Options& options) {
    if (!source.fault.empty())
        return header(source, "", options) +
               tinted("# " + printable(source.fault), Tint::bad, options.terminal) + "\n";
    if (source.text.empty())
        return header(source, "masks those of its name below it", options);
    return header(source, "", options) + source.text + (source.text.ends_with('\n') ? "" : "\n");
}

std::string draw(const Composition& policy, const Options& options) {
    std::vector<std::string> parts;
    if (policy.file)
        parts.push_back(draw(*policy.file, options));
    for (const auto& each : policy.amendments)
        parts.push_back(draw(each, options));
    for (const auto& each : policy.overruled)
        parts.push_back(header(each, "does not count: a higher directory has one of its name", options));
    return join(parts, "\n");
}

Document document_of(const policy::Source& source) {
    Document object = {{"file", source.path}};
    if (!source.fault.empty())
        object["fault"] = source.fault;
    else
        object["text"] = source.text;
    return object;
}

Document document_of(const Composition& policy) {
    Document files = Document::array(), overruled = Document::array();
    if (policy.file)
        files.push_back(document_of(*policy.file));
    for (const auto& each : policy.amendments)
        files.push_back(document_of(each));
    for (const auto& each : policy.overruled)
        overruled.push_back(each.path);
    return {{"policy", policy.name}, {"files", files}, {"overruled", overruled}};
}

/// What is wanted of what there is; an error if something that was asked for is not there.
Result<std::vector<Composition>> select(std::vector<Composition> all,
                                        const std::vector<std::string>& wanted) {
    if (wanted.empty())
        return all;
    std::vector<Composition> selected;
    for (const auto& name : wanted) {
        const auto found = std::ranges::find(all, name, &Composition::name);
        if (found == all.end())
            return std::unexpected(Error{"there is no file of a policy " + quote(name) +
                                             "\nTo see all there are: enforcectl cat-config",
                                         error_not_found});
        selected.push_back(*found);
    }
    return selected;
}

Result<int> cat_config(const Options& options, const Request& request) {
    auto files = read_installed(request.root);
    for (const auto& each : files.errors)
        std::fprintf(stderr, "%s\n", policy::render(each).c_str());
    const bool whole = files.errors.empty();
    auto policies = select(compose(std::move(files.sources)), request.policies);
    if (!policies)
        return std::unexpected(policies.error());
    auto settings = request.policies.empty() ? compose(read_installed_settings(request.root).sources)
                                             : std::vector<Composition>();
    const Pager pager(options);
    if (options.json != Json::off) {
        Document array = Document::array();
        for (const auto& each : *policies)
            array.push_back(document_of(each));
        print(json_text(array, options.json));
        return whole ? exit_good : exit_failed;
    }
    std::vector<std::string> parts;
    for (const auto* each : {&settings, &*policies}) {
        for (const auto& composition : *each)
            parts.push_back(draw(composition, options));
    }
    print(join(parts, "\n"));
    return whole ? exit_good : exit_failed;
}

} // namespace

void add_cat_config(CLI::App& app, Invocation& call) {
    auto request = std::make_shared<Request>();
    auto* verb = app.add_subcommand(
        "cat-config", "Show the files that policies are made of, in the order in which they count");
    verb->add_option("POLICY", request->policies, "Of these policies; without any, of all");
    verb->add_option("--root", request->root, "Of the system below this directory")->type_name("PATH");
    verb->footer("Needs neither root nor the daemon, as far as the files may be read.");
    verb->callback(
        [request, &call] { call.act = [request, &call] { return cat_config(call.options, *request); }; });
}

} // namespace enforced::ctl
