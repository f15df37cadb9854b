// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "base/quote.hpp"
#include "ctl/bus/connection.hpp"
#include "ctl/exit.hpp"
#include "ctl/names.hpp"
#include "ctl/output/document.hpp"
#include "ctl/output/pager.hpp"
#include "ctl/output/print.hpp"
#include "ctl/verb/verbs.hpp"

namespace enforced::ctl {
namespace {

struct Request {
    std::vector<std::string> names, properties;
    bool value = false;
};

Result<Document> find(Bus& bus, const std::string& name) {
    if (is_unit_name(name)) {
        const auto unit = bus.unit(name);
        return unit ? Result<Document>(document_of(*unit)) : std::unexpected(unit.error());
    }
    const auto policy = bus.policy(name);
    return policy ? Result<Document>(document_of(*policy)) : std::unexpected(policy.error());
}

/// One value as a line: texts as they are, lists with blanks between, all else as JSON.
std::string line_of(const Document& value) {
    if (value.is_string())
        return printable(value.get_ref<const std::string&>());
    if (value.is_null())
        return "";
    const bool texts =
        value.is_array() && std::ranges::all_of(value, [](const Document& each) { return each.is_string(); });
    if (!texts)
        return value.dump(-1, ' ', false, Document::error_handler_t::replace);
    std::vector<std::string> words;
    for (const auto& each : value)
        words.push_back(printable(each.get_ref<const std::string&>()));
    return join(words, " ");
}

/// KEY=VALUE, a line each; of a list of things, a line for each of them.
void print_properties(const Document& object, const Request& request) {
    const auto print_one = [&](const std::string& key, const Document& value) {
        if (request.value && value.is_string()) // as it is, to be read by programs or written to a file
            print(value.get_ref<const std::string&>() + "\n");
        else
            print((request.value ? "" : key + "=") + line_of(value) + "\n");
    };
    for (const auto& [key, value] : object.items()) {
        if (!value.is_array() || value.empty() || !value.front().is_object()) {
            print_one(key, value);
            continue;
        }
        for (const auto& each : value)
            print_one(key, each);
    }
}

Status keep_wanted(Document& object, const Request& request) {
    if (request.properties.empty())
        return {};
    Document wanted = Document::object();
    for (const auto& property : request.properties) {
        const auto key = json_key(property);
        if (!object.contains(key))
            return std::unexpected(Error{"there is no property " + quote(property), error_usage});
        wanted[key] = object[key];
    }
    object = std::move(wanted);
    return {};
}

Result<int> show(const Options& options, const Request& request) {
    auto bus = Bus::open(options);
    if (!bus)
        return std::unexpected(bus.error());
    std::vector<Document> objects;
    for (const auto& name : request.names) {
        auto found = find(*bus, name);
        if (!found)
            return std::unexpected(found.error());
        objects.push_back(std::move(*found));
    }
    if (request.names.empty()) {
        const auto manager = bus->manager();
        if (!manager)
            return std::unexpected(manager.error());
        objects.push_back(document_of(*manager));
    }
    for (auto& object : objects) {
        if (auto kept = keep_wanted(object, request); !kept)
            return std::unexpected(kept.error());
    }
    const Pager pager(options);
    if (options.json != Json::off) {
        print(json_text(objects.size() == 1 ? objects.front() : Document(objects), options.json));
        return exit_good;
    }
    for (std::size_t i = 0; i < objects.size(); ++i) {
        print(i ? "\n" : "");
        print_properties(objects[i], request);
    }
    return exit_good;
}

} // namespace

void add_show(CLI::App& app, Invocation& call) {
    auto request = std::make_shared<Request>();
    auto* verb =
        app.add_subcommand("show", "Show all properties of policies, units, or the daemon, for programs");
    verb->add_option("NAME", request->names,
                     "Policies, or units with their type; without any, the daemon itself");
    verb->add_option("-p,--property", request->properties, "Only this property; may be given many times")
        ->type_name("PROPERTY")
        ->allow_extra_args(false);
    verb->add_flag("--value", request->value, "Only the values, without their names");
    verb->callback(
        [request, &call] { call.act = [request, &call] { return show(call.options, *request); }; });
}

} // namespace enforced::ctl
