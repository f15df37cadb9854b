// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/attempt.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/quote.hpp"
#include "policy/capability.hpp"
#include "policy/endpoint.hpp"
#include "policy/family.hpp"
#include "policy/kernel.hpp"

namespace enforced::plan {
namespace {

struct Word {
    std::string_view name;
    enforced_operation operation;
};

constexpr Word words[] = {
    {"read", ENFORCED_OP_READ},
    {"write", ENFORCED_OP_WRITE},
    {"create", ENFORCED_OP_CREATE},
    {"delete", ENFORCED_OP_DELETE},
    {"rename", ENFORCED_OP_RENAME},
    {"link", ENFORCED_OP_LINK},
    {"attr", ENFORCED_OP_ATTR},
    {"mount", ENFORCED_OP_MOUNT},
    {"chroot", ENFORCED_OP_CHROOT},
    {"run", ENFORCED_OP_RUN},
    {"map", ENFORCED_OP_MAP},
    {"anonymous", ENFORCED_OP_ANONYMOUS},
    {"writable-memory", ENFORCED_OP_WRITABLE_MEMORY},
    {"family", ENFORCED_OP_FAMILY},
    {"connect", ENFORCED_OP_CONNECT},
    {"bind", ENFORCED_OP_BIND},
    {"accept", ENFORCED_OP_ACCEPT},
    {"unix", ENFORCED_OP_UNIX},
    {"capability", ENFORCED_OP_CAPABILITY},
};

struct Flag {
    std::string_view name;
    std::uint32_t flag;
};

constexpr Flag flag_names[] = {
    {"object-cut", ENFORCED_EVENT_OBJECT_CUT}, {"exe-cut", ENFORCED_EVENT_EXE_CUT},
    {"unresolved", ENFORCED_EVENT_UNRESOLVED}, {"by-identity", ENFORCED_EVENT_BY_IDENTITY},
    {"both-families", ENFORCED_EVENT_DUAL},    {"user-namespace", ENFORCED_EVENT_USER_NAMESPACE},
};

std::optional<unsigned> number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// The number behind a prefix such as "protocol-" or "family-", for what has no name.
std::optional<unsigned> numbered(std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix) ? number(text.substr(prefix.size())) : std::nullopt;
}

std::optional<unsigned> protocol_named(std::string_view name) {
    if (name == "tcp")
        return IPPROTO_TCP;
    if (name == "udp")
        return IPPROTO_UDP;
    return numbered(name, "protocol-");
}

enforced_network_op network_operation(enforced_operation operation) {
    if (operation == ENFORCED_OP_BIND)
        return ENFORCED_BIND;
    return operation == ENFORCED_OP_ACCEPT ? ENFORCED_ACCEPT : ENFORCED_CONNECT;
}

/// A peer whose connection is accepted has no port here.
Result<Question> network(const Attempt& attempt) {
    const std::string_view text = attempt.object;
    const auto colon = std::min(text.find(':'), text.size());
    const auto protocol = protocol_named(text.substr(0, colon));
    const auto endpoint = policy::parse_endpoint("any" + std::string(text.substr(colon)));
    const bool ports = attempt.operation != ENFORCED_OP_ACCEPT;
    if (!protocol || !endpoint || !endpoint->address ||
        (ports && endpoint->first_port != endpoint->last_port) ||
        endpoint->address->prefix != (endpoint->address->ipv6 ? 128U : 32U))
        return failure(quote(text) + " is not one endpoint");
    const auto& bytes = endpoint->address->address;
    return NetworkQuestion{.operation = network_operation(attempt.operation),
                           .protocol = static_cast<std::uint8_t>(std::min(*protocol, 255U)),
                           .address = {bytes.begin(), bytes.begin() + (endpoint->address->ipv6 ? 16 : 4)},
                           .port = endpoint->first_port,
                           .dual = (attempt.flags & ENFORCED_EVENT_DUAL) != 0};
}

Result<Question> family(const Attempt& attempt) {
    const std::string_view text = attempt.object;
    const auto space = std::min(text.find(' '), text.size());
    const auto name = text.substr(0, space);
    auto known = numbered(name, "family-");
    if (const auto by_name = policy::family_number(name))
        known = static_cast<unsigned>(*by_name);
    if (!known || space == text.size())
        return failure(quote(text) + " is not a kind of socket");
    const auto type = text.substr(space + 1);
    return FamilyQuestion{.family = *known, .raw = type == "raw" || type == "packet"};
}

Result<Question> capability(const Attempt& attempt) {
    const auto known = policy::capability_number(attempt.object);
    const auto number = known ? known : numbered(attempt.object, "capability-");
    if (!number || *number >= ENFORCED_CAPABILITIES)
        return failure(quote(attempt.object) + " is not a capability");
    return CapabilityQuestion{*number};
}

enforced_access access_of(enforced_operation operation) {
    if (operation == ENFORCED_OP_RUN)
        return ENFORCED_RUN;
    if (operation == ENFORCED_OP_MAP)
        return ENFORCED_MAP;
    if (operation == ENFORCED_OP_UNIX)
        return ENFORCED_SOCKET;
    return static_cast<enforced_access>(ENFORCED_READ + (operation - ENFORCED_OP_READ));
}

Question path(const Attempt& attempt) {
    const auto access = access_of(attempt.operation);
    if (!(attempt.flags & ENFORCED_EVENT_UNRESOLVED))
        return PathQuestion{attempt.object, access};
    // No rule can name it: what is run, or a socket, goes by the default, a file is refused.
    return access >= ENFORCED_RUN ? Question(PathQuestion{"", access})
                                  : Question(WholeQuestion::unnamed_file);
}

struct Asker {
    const Plan& plan;
    const Evaluator& evaluator;
    std::uint32_t set;

    [[nodiscard]] Answer cell(std::uint64_t cell) const { return evaluator.read(set, cell); }

    Answer operator()(const PathQuestion& question) const {
        return evaluator.by_name(set, question.name, question.access);
    }

    Answer operator()(const NetworkQuestion& question) const {
        const Answer answer = evaluator.network(set, question.destination());
        if (!question.dual)
            return answer;
        NetworkQuestion ipv4 = question;
        ipv4.address.assign(4, 0);
        const Answer other = evaluator.network(set, ipv4.destination());
        return other.verdict > answer.verdict ? other : answer;
    }

    Answer operator()(const FamilyQuestion& question) const {
        return evaluator.family(set, question.family, question.raw);
    }

    /// As the hook of chroot has it: what names in general may not be read as, and this one may, may become
    /// the root.
    Answer operator()(const ChrootQuestion& question) const {
        if (evaluator.by_name(set, "", ENFORCED_READ).verdict >= ENFORCED_WOULD_DENY &&
            evaluator.by_name(set, question.name, ENFORCED_READ).verdict < ENFORCED_WOULD_DENY)
            return {};
        return cell(plan.sets[set].value.guard);
    }

    Answer operator()(const CapabilityQuestion& question) const {
        return evaluator.capability(set, question.number);
    }

    Answer operator()(const KernelQuestion& question) const { return evaluator.kernel(set, question.key); }

    /// The file rules' guard and the key of [kernel] speak of the same.
    [[nodiscard]] Answer mount() const {
        const Answer guard = cell(plan.sets[set].value.guard);
        const Answer key = evaluator.kernel(set, ENFORCED_KERNEL_MOUNT);
        return key.verdict > guard.verdict ? key : guard;
    }

    Answer operator()(WholeQuestion question) const {
        const auto& value = plan.sets[set].value;
        switch (question) {
        case WholeQuestion::unnamed_file:
            return cell(value.unresolved);
        case WholeQuestion::mount:
            return mount();
        case WholeQuestion::anonymous:
            return cell(value.anonymous);
        case WholeQuestion::writable_memory:
            return cell(value.writable_memory);
        }
        return {};
    }
};

} // namespace

std::optional<enforced_operation> operation_named(std::string_view name) {
    const auto* found = std::ranges::find(words, name, &Word::name);
    if (found != std::end(words))
        return found->operation;
    const auto key = std::ranges::find(policy::kernel_names, name);
    if (key == policy::kernel_names.end())
        return std::nullopt;
    return static_cast<enforced_operation>(ENFORCED_OP_KERNEL(key - policy::kernel_names.begin()));
}

std::string flag_words(std::uint32_t flags) {
    std::string words;
    for (const auto& [name, flag] : flag_names)
        if (flags & flag)
            words.append(words.empty() ? "" : " ").append(name);
    return words;
}

std::uint32_t flags_named(std::string_view words) {
    std::uint32_t flags = 0;
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        const auto* found = std::ranges::find(flag_names, words.substr(0, end), &Flag::name);
        flags |= found == std::end(flag_names) ? 0 : found->flag;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return flags;
}

Result<Question> question_of(const Attempt& attempt) {
    if (attempt.operation >= ENFORCED_OP_KERNEL(0))
        return KernelQuestion{static_cast<enforced_kernel_key>(attempt.operation - ENFORCED_OP_KERNEL(0))};
    switch (attempt.operation) {
    case ENFORCED_OP_MOUNT:
        return WholeQuestion::mount;
    case ENFORCED_OP_CHROOT:
        return ChrootQuestion{attempt.object};
    case ENFORCED_OP_ANONYMOUS:
        return WholeQuestion::anonymous;
    case ENFORCED_OP_WRITABLE_MEMORY:
        return WholeQuestion::writable_memory;
    case ENFORCED_OP_FAMILY:
        return family(attempt);
    case ENFORCED_OP_CONNECT:
    case ENFORCED_OP_BIND:
    case ENFORCED_OP_ACCEPT:
        return network(attempt);
    case ENFORCED_OP_CAPABILITY:
        return capability(attempt);
    default:
        return path(attempt);
    }
}

Answer ask(const Plan& plan, const Evaluator& evaluator, std::uint32_t set, const Question& question) {
    return std::visit(Asker{plan, evaluator, set}, question);
}

} // namespace enforced::plan
