// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/path.hpp"

#include <array>
#include <utility>

#include "base/quote.hpp"
#include "policy/glob.hpp"

namespace enforced::policy {
namespace {

/// What the text may have come to, in the component at hand. With alternatives it may be several at once.
enum Place : unsigned {
    nowhere = 1 << 0,  // before the first character
    at_slash = 1 << 1, // right behind a '/'
    at_dot = 1 << 2,   // the component is "." so far
    at_dots = 1 << 3,  // the component is ".." so far
    in_name = 1 << 4,
};

/// Follows a glob from its beginning and remembers the first fault. A wildcard is taken for part of a name:
/// it may match nothing, but the kernel has no name that would make a fault of that.
class Walk {
  public:
    void over(const GlobSequence& sequence) {
        for (const auto& node : sequence)
            std::visit([&](const auto& kind) { step(kind, node.offset); }, node.is);
    }

    [[nodiscard]] unsigned places() const { return places_; }
    [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }

    void blame(std::string message, std::size_t offset) {
        if (!fault_)
            fault_ = Fault{std::move(message), offset};
    }

    void end_component(std::size_t offset) {
        if ((places_ & (at_dot | at_dots)) != 0)
            blame(R"(the kernel's names have no "." and ".." components; write the name without them)",
                  offset);
    }

  private:
    void step(const GlobByte& byte, std::size_t offset) {
        if (byte.value == '/')
            slash(offset);
        else
            part_of_name(byte.value == '.', offset);
    }

    void step(const GlobAlternatives& alternatives, std::size_t) {
        const unsigned before = places_;
        unsigned after = 0;
        for (const auto& branch : alternatives.branches) {
            places_ = before;
            over(branch);
            after |= places_;
        }
        places_ = after;
    }

    void step(const auto&, std::size_t offset) { part_of_name(false, offset); }

    void slash(std::size_t offset) {
        if ((places_ & at_slash) != 0)
            blame(R"("//" never occurs in the kernel's names; write "/")", offset);
        end_component(offset == 0 ? 0 : offset - 1);
        places_ = at_slash;
    }

    void part_of_name(bool dot, std::size_t offset) {
        if ((places_ & nowhere) != 0)
            blame(R"(a path begins with "/")", offset);
        unsigned after = 0;
        for (const auto place : {nowhere, at_slash, at_dot, at_dots, in_name})
            after |= (places_ & place) != 0 ? next(place, dot) : 0U;
        places_ = after;
    }

    static Place next(Place place, bool dot) {
        if (dot && place == at_slash)
            return at_dot;
        if (dot && place == at_dot)
            return at_dots;
        return in_name;
    }

    unsigned places_ = nowhere;
    std::optional<Fault> fault_;
};

struct Link {
    std::string_view name;
    std::string_view leads_to; // a glob
};

constexpr std::array links = {
    Link{"/bin", "/usr/bin"},
    Link{"/sbin", "/usr/sbin"},
    Link{"/lib", "/usr/lib"},
    Link{"/lib32", "/usr/lib32"},
    Link{"/lib64", "/usr/lib64"},
    Link{"/libx32", "/usr/libx32"},
    Link{"/var/run", "/run"},
    Link{"/var/lock", "/run/lock"},
    Link{"/dev/log", "/run/systemd/journal/dev-log"},
    Link{"/dev/fd", "/proc/[1-9]*/fd"},
    Link{"/proc/self", "/proc/[1-9]*"},
    Link{"/proc/thread-self", "/proc/[1-9]*/task/[1-9]*"},
    Link{"/proc/net", "/proc/[1-9]*/net"},
    Link{"/proc/mounts", "/proc/[1-9]*/mounts"},
};

bool is_at_or_below(std::string_view path, std::string_view directory) {
    return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

std::string trailing_slash(std::string_view text) {
    if (!text.ends_with('/'))
        return "a path has no trailing \"/\", and one of the alternatives gives it one";
    const std::string directory(text.substr(0, text.size() - 1));
    return "a path has no trailing \"/\": write " + quote(directory + "/**") +
           " for everything below the directory, " + quote(directory) + " for itself";
}

} // namespace

std::optional<Fault> check_path(std::string_view text) {
    if (text.empty())
        return Fault{"the path is empty", 0};
    const auto glob = parse_glob(text);
    if (!glob)
        return glob.error();

    Walk walk;
    walk.over(*glob);
    walk.end_component(text.size() - 1);
    if ((walk.places() & at_slash) != 0 && text != "/")
        walk.blame(trailing_slash(text), text.size() - 1);
    return walk.fault();
}

std::optional<Fault> check_socket(std::string_view text) {
    if (!text.starts_with('@'))
        return check_path(text);
    if (text == "@")
        return Fault{
            R"("@" begins the name of an abstract socket: write it behind, or "@**" for all of them)", 0};
    const auto glob = parse_glob(text);
    return glob ? std::nullopt : std::optional(glob.error());
}

std::optional<std::string> behind_link(std::string_view text) {
    const auto glob = parse_glob(text);
    if (!glob)
        return std::nullopt;
    const auto prefix = literal_prefix(*glob);
    for (const auto& link : links) {
        if (is_at_or_below(prefix, link.name) && text.starts_with(link.name))
            return std::string(link.leads_to) + std::string(text.substr(link.name.size()));
    }
    return std::nullopt;
}

} // namespace enforced::policy
