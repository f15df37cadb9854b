// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/print.hpp"

#include <array>
#include <functional>

namespace enforced::policy {
namespace {

constexpr std::size_t max_line = 100; // a longer list has a line for each element

using Strings = std::vector<std::string>;

template<class T, class Member>
Strings strings_of(const std::vector<T>& elements, Member text) {
    Strings strings;
    for (const auto& element : elements)
        strings.push_back(print_string(std::invoke(text, element)));
    return strings;
}

Strings strings_of(const std::vector<Glob>& globs) {
    return strings_of(globs, &Glob::text);
}

std::string join(const Strings& strings, std::string_view between) {
    std::string text;
    for (const auto& string : strings)
        text.append(text.empty() ? "" : between).append(string);
    return text;
}

bool is_control(unsigned char c) {
    return c < 0x20 || c == 0x7f;
}

/// In '...' a backslash stands for itself, as globs like it.
bool suits_literal_string(std::string_view text) {
    for (const char c : text) {
        if (c == '\'' || is_control(static_cast<unsigned char>(c)))
            return false;
    }
    return text.find_first_of("\\\"") != std::string_view::npos;
}

std::string escape(unsigned char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (c == '"' || c == '\\')
        return {'\\', static_cast<char>(c)};
    return {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
}

/// Writes keys and tables one after the other.
class Printer {
  public:
    void table(std::string_view header) {
        text_.append(text_.empty() ? "" : "\n").append(header).append("\n");
    }

    void value(std::string_view key, std::string_view value) {
        text_.append(key).append(" = ").append(value).append("\n");
    }

    void word(std::string_view key, std::string_view word) { value(key, print_string(word)); }

    void list(std::string_view key, const Strings& strings) {
        const auto on_one_line = "[" + join(strings, ", ") + "]";
        if (key.size() + 3 + on_one_line.size() <= max_line)
            return value(key, on_one_line);
        value(key, "[\n  " + join(strings, ",\n  ") + ",\n]");
    }

    /// A list that says nothing if it is empty.
    void list_if_any(std::string_view key, const Strings& strings) {
        if (!strings.empty())
            list(key, strings);
    }

    [[nodiscard]] std::string text() && { return std::move(text_); }

  private:
    std::string text_;
};

void print_rule(const FileRule& rule, Printer& out) {
    out.table("[[file.rule]]");
    out.list("path", strings_of(rule.path));
    out.list_if_any("except", strings_of(rule.except));
    out.value("access", print_access(rule.access));
    out.word("action", print(rule.action));
}

void print_file(const File& file, Printer& out) {
    out.table("[file]");
    out.word("default", print(file.default_.value));
    for (const auto& rule : file.rules)
        print_rule(rule, out);
}

void print_exec(const Exec& exec, Printer& out) {
    out.table("[exec]");
    out.word("default", print(exec.default_.value));
    out.list_if_any("allow", strings_of(exec.allow));
    out.list_if_any("deny", strings_of(exec.deny));
    out.list_if_any("except", strings_of(exec.except));
    if (exec.anonymous)
        out.word("anonymous", print(exec.anonymous->value));
    out.list_if_any("libraries", strings_of(exec.libraries));
    if (exec.writable_memory)
        out.word("writable-memory", print(exec.writable_memory->value));
}

void print_network(const Network& network, Printer& out) {
    out.table("[network]");
    out.word("default", print(network.default_.value));
    if (network.families)
        out.list("families", strings_of(*network.families, &Family::name));
    out.list_if_any("bind.allow", strings_of(network.bind.allow, &Endpoint::text));
    out.list_if_any("bind.deny", strings_of(network.bind.deny, &Endpoint::text));
    out.list_if_any("bind.except", strings_of(network.bind.except, &Endpoint::text));
    out.list_if_any("connect.allow", strings_of(network.connect.allow, &Endpoint::text));
    out.list_if_any("connect.deny", strings_of(network.connect.deny, &Endpoint::text));
    out.list_if_any("connect.except", strings_of(network.connect.except, &Endpoint::text));
    out.list_if_any("accept.allow", strings_of(network.accept.allow, &Endpoint::text));
    out.list_if_any("accept.deny", strings_of(network.accept.deny, &Endpoint::text));
    out.list_if_any("accept.except", strings_of(network.accept.except, &Endpoint::text));
    out.list_if_any("unix.allow", strings_of(network.unix_.allow));
    out.list_if_any("unix.deny", strings_of(network.unix_.deny));
    out.list_if_any("unix.except", strings_of(network.unix_.except));
}

void print_capability(const Capability& capability, Printer& out) {
    out.table("[capability]");
    out.word("default", print(capability.default_.value));
    out.list_if_any("allow", strings_of(capability.allow, &NamedCapability::name));
    out.list_if_any("deny", strings_of(capability.deny, &NamedCapability::name));
    out.list_if_any("except", strings_of(capability.except, &NamedCapability::name));
}

void print_kernel(const Kernel& kernel, Printer& out) {
    out.table("[kernel]");
    for (std::size_t i = 0; i < kernel_names.size(); ++i) {
        if (kernel.keys[i])
            out.word(kernel_names[i], print(kernel.keys[i]->value));
    }
}

} // namespace

std::string print_string(std::string_view text) {
    if (suits_literal_string(text))
        return "'" + std::string(text) + "'";
    std::string string = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_control(byte) || c == '"' || c == '\\')
            string += escape(byte);
        else
            string += c;
    }
    return string + "\"";
}

std::string print_list(const std::vector<Glob>& globs) {
    return "[" + join(strings_of(globs), ", ") + "]";
}

std::string print_access(std::uint32_t access) {
    static constexpr std::array names = {"read", "write", "create", "delete", "rename", "link", "attr"};
    if (access == access_all)
        return print_string("all");
    Strings words;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if ((access & 1U << i) != 0)
            words.push_back(print_string(names[i]));
    }
    return "[" + join(words, ", ") + "]";
}

std::string_view print(Mode mode) {
    static constexpr std::array<std::string_view, 3> names = {"enforce", "audit", "off"};
    return names[static_cast<std::size_t>(mode)];
}

std::string_view print(OnUnsupported on_unsupported) {
    return on_unsupported == OnUnsupported::refuse ? "refuse" : "warn";
}

std::string_view print(Permission permission) {
    return permission == Permission::allow ? "allow" : "deny";
}

std::string_view print(Action action) {
    static constexpr std::array<std::string_view, 4> names = {"allow", "deny", "kill", "audit"};
    return names[static_cast<std::size_t>(action)];
}

std::string print(const FileRule& rule) {
    Printer out;
    print_rule(rule, out);
    return std::move(out).text();
}

std::string print_in_braces(const FileRule& rule) {
    return "{ path = " + print_list(rule.path) +
           (rule.except.empty() ? "" : ", except = " + print_list(rule.except)) +
           ", access = " + print_access(rule.access) + ", action = " + print_string(print(rule.action)) +
           " }";
}

std::string print(const Policy& policy) {
    Printer out;
    if (!policy.description.empty())
        out.word("description", policy.description);
    if (policy.user_units.empty())
        out.list("units", strings_of(policy.units));
    else
        out.list_if_any("units", strings_of(policy.units));
    out.list_if_any("user-units", strings_of(policy.user_units));
    out.list_if_any("users", strings_of(policy.users, &User::text));
    out.word("mode", print(policy.mode));
    out.word("on-unsupported", print(policy.on_unsupported));
    out.list_if_any("release-to", strings_of(policy.release_to));
    if (policy.file)
        print_file(*policy.file, out);
    if (policy.exec)
        print_exec(*policy.exec, out);
    if (policy.network)
        print_network(*policy.network, out);
    if (policy.capability)
        print_capability(*policy.capability, out);
    if (policy.kernel)
        print_kernel(*policy.kernel, out);
    return std::move(out).text();
}

} // namespace enforced::policy
