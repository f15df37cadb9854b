// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/random_policy.hpp"

#include "support/policy.hpp"

namespace enforced::test {
namespace {

std::string word(Dice& dice) {
    static const std::vector<std::string> words{"a", "b", "c", "ab", "bc", "aab", "c.d", "\xc3\xa4", "\n"};
    return dice.pick(words);
}

std::string component(Dice& dice, unsigned depth) {
    static const std::vector<std::string> sets{"[ab]",  "[!a]", "[a-c]",  "[]a]",
                                               "[!]b]", "[a-]", "[\\]b]", "[!a-b.]"};
    std::string text;
    for (unsigned parts = 1 + dice.roll(2); parts > 0; parts--)
        switch (dice.roll(12)) {
        case 0:
        case 1:
            text += "*";
            break;
        case 2:
            text += "?";
            break;
        case 3:
            text += dice.pick(sets);
            break;
        case 4:
            if (depth < 2)
                text += "{" + component(dice, depth + 1) + "," +
                        (dice.one_in(3) ? "" : component(dice, depth + 1)) +
                        (dice.one_in(4) ? "/" + component(dice, depth + 1) : "") + "}";
            break;
        case 5:
            text += "\\*";
            break;
        default:
            text += word(dice);
        }
    // Three stars in a row are no glob.
    for (auto at = text.find("**"); at != std::string::npos; at = text.find("**"))
        text.erase(at, 1);
    return text;
}

/// Replaces what is not literal by something that it may stand for; what comes out need not match.
std::string instance(Dice& dice, const std::string& glob) {
    std::string name;
    for (std::size_t i = 0; i < glob.size(); i++) {
        const char c = glob[i];
        if (c == '*') {
            const bool across = glob.substr(i, 2) == "**";
            i += across ? 1 : 0;
            if (!dice.one_in(3))
                name += word(dice);
            if (across && dice.one_in(2))
                name += "/" + word(dice);
        } else if (c == '?') {
            name += dice.one_in(2) ? "a" : "x";
        } else if (c == '[') {
            i = std::min(glob.find(']', i + 3), glob.size() - 1);
            name += dice.one_in(2) ? "a" : "b";
        } else if (c == '{') {
            name += instance(dice, glob.substr(i + 1, glob.find_first_of(",}", i) - i - 1));
            i = std::min(glob.find('}', i), glob.size() - 1);
        } else if (c != '}' && c != ',' && c != '\\') {
            name += c;
        }
    }
    return name;
}

std::vector<policy::Glob> random_globs(Dice& dice, unsigned least, unsigned most) {
    std::vector<policy::Glob> globs;
    for (unsigned i = least + dice.roll(most - least + 1); i > 0; i--)
        globs.push_back({.text = random_glob(dice), .at = {}});
    return globs;
}

/// Some of them abstract.
std::vector<policy::Glob> random_sockets(Dice& dice, unsigned least, unsigned most) {
    auto globs = random_globs(dice, least, most);
    for (auto& glob : globs)
        if (dice.one_in(3))
            glob.text[0] = '@';
    return globs;
}

policy::Switch random_switch(Dice& dice) {
    return {.value = dice.one_in(2) ? policy::Permission::allow : policy::Permission::deny, .at = {}};
}

policy::Cidr random_cidr(Dice& dice) {
    policy::Cidr cidr{.ipv6 = dice.one_in(3), .address = {}, .prefix = 0};
    const unsigned bits = cidr.ipv6 ? 128 : 32;
    static const std::vector<unsigned> lengths{0, 1, 7, 8, 9, 15, 16, 24, 31, 32};
    cidr.prefix = cidr.ipv6 ? dice.pick(lengths) * 4 : dice.pick(lengths);
    for (unsigned bit = 0; bit < std::min(cidr.prefix, bits); bit++)
        if (dice.one_in(8)) // few ones: prefixes are nested often
            cidr.address[bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
    return cidr;
}

std::uint16_t random_port(Dice& dice) {
    static const std::vector<std::uint16_t> ports{0,   1,   79,  80,   81,   255,   256,   257,
                                                  443, 511, 512, 8000, 8099, 65279, 65280, 65535};
    return dice.pick(ports);
}

std::vector<policy::Endpoint> random_endpoints(Dice& dice) {
    std::vector<policy::Endpoint> endpoints;
    for (unsigned i = dice.roll(5); i > 0; i--) {
        policy::Endpoint endpoint;
        endpoint.protocol = static_cast<policy::Protocol>(dice.roll(3));
        if (!dice.one_in(4))
            endpoint.address = random_cidr(dice);
        if (!dice.one_in(3)) {
            endpoint.first_port = random_port(dice);
            endpoint.last_port = dice.one_in(2) ? endpoint.first_port : random_port(dice);
            if (endpoint.last_port < endpoint.first_port)
                std::swap(endpoint.first_port, endpoint.last_port);
        }
        endpoint.text = "endpoint " + std::to_string(i);
        endpoints.push_back(endpoint);
    }
    return endpoints;
}

/// Who connects does so by TCP, and from any port.
void make_peers(std::vector<policy::Endpoint>& endpoints) {
    for (auto& endpoint : endpoints) {
        if (endpoint.protocol == policy::Protocol::udp)
            endpoint.protocol = policy::Protocol::tcp;
        endpoint.first_port = 0;
        endpoint.last_port = 65535;
    }
}

void add(std::vector<std::string>& texts, const std::vector<policy::Glob>& globs) {
    for (const auto& glob : globs)
        texts.push_back(glob.text);
}

} // namespace

std::string random_glob(Dice& dice) {
    std::string glob;
    for (unsigned depth = 1 + dice.roll(3); depth > 0; depth--)
        glob += "/" + (dice.one_in(5) ? "**" : component(dice, 0));
    if (dice.one_in(4))
        glob += "/**";
    return glob;
}

std::string random_name(Dice& dice, const std::string& glob) {
    std::string name = dice.one_in(2) ? instance(dice, glob) : "";
    if (name.empty())
        for (unsigned depth = 1 + dice.roll(3); depth > 0; depth--)
            name += "/" + word(dice);
    if (dice.one_in(8))
        name += dice.one_in(2) ? "/" + word(dice) : word(dice);
    if (dice.one_in(16) && name.size() > 1)
        name.pop_back();
    return name;
}

policy::Policy random_path_policy(Dice& dice, const std::string& name) {
    policy::Policy policy = policy_for(name, {"test.service"});
    policy.mode = dice.one_in(4) ? policy::Mode::audit : policy::Mode::enforce;
    if (!dice.one_in(5)) {
        policy.file.emplace();
        policy.file->default_ = random_switch(dice);
        for (unsigned i = dice.roll(5); i > 0; i--)
            policy.file->rules.push_back(
                {.path = random_globs(dice, 1, 3),
                 .except = dice.one_in(2) ? random_globs(dice, 0, 2) : std::vector<policy::Glob>{},
                 .access = 1 + dice.roll(policy::access_all),
                 .action = static_cast<policy::Action>(dice.roll(4)),
                 .at = {}});
    }
    if (!dice.one_in(3)) {
        policy.exec.emplace();
        policy.exec->default_ = random_switch(dice);
        policy.exec->deny = random_globs(dice, 0, 2);
        if (!policy.exec->deny.empty() && dice.one_in(2))
            policy.exec->except = random_globs(dice, 0, 2);
        if (policy.exec->default_.value == policy::Permission::deny) {
            policy.exec->allow = random_globs(dice, 0, 3);
            policy.exec->libraries = random_globs(dice, 0, 2);
        }
    }
    if (!dice.one_in(3)) {
        policy.network.emplace();
        policy.network->default_ = random_switch(dice);
        auto& rules = policy.network->unix_;
        rules.deny = random_sockets(dice, 0, 2);
        if (!rules.deny.empty() && dice.one_in(2))
            rules.except = random_sockets(dice, 0, 2);
        if (policy.network->default_.value == policy::Permission::deny)
            rules.allow = random_sockets(dice, 0, 3);
    }
    return policy;
}

std::vector<std::string> globs_of(const policy::Policy& policy) {
    std::vector<std::string> texts{"/a"};
    if (policy.file)
        for (const auto& rule : policy.file->rules) {
            add(texts, rule.path);
            add(texts, rule.except);
        }
    if (policy.exec) {
        add(texts, policy.exec->allow);
        add(texts, policy.exec->deny);
        add(texts, policy.exec->except);
        add(texts, policy.exec->libraries);
    }
    if (policy.network) {
        add(texts, policy.network->unix_.allow);
        add(texts, policy.network->unix_.deny);
        add(texts, policy.network->unix_.except);
        texts.emplace_back("/run/systemd/notify");
    }
    return texts;
}

policy::Policy random_network_policy(Dice& dice, const std::string& name) {
    policy::Policy policy = policy_for(name, {"test.service"});
    policy.mode = dice.one_in(4) ? policy::Mode::audit : policy::Mode::enforce;
    if (dice.one_in(8))
        return policy;
    policy.network.emplace();
    policy.network->default_ = random_switch(dice);
    for (auto* rules : {&policy.network->connect, &policy.network->bind, &policy.network->accept}) {
        rules->allow = random_endpoints(dice);
        rules->deny = random_endpoints(dice);
        if (!rules->deny.empty() && dice.one_in(2))
            rules->except = random_endpoints(dice);
    }
    auto& accept = policy.network->accept;
    for (auto* peers : {&accept.allow, &accept.deny, &accept.except})
        make_peers(*peers);
    return policy;
}

RandomDestination random_destination(Dice& dice, const policy::Policy& policy) {
    std::vector<policy::Endpoint> endpoints{{}};
    if (policy.network)
        for (const auto* rules : {&policy.network->connect, &policy.network->bind, &policy.network->accept}) {
            endpoints.insert(endpoints.end(), rules->allow.begin(), rules->allow.end());
            endpoints.insert(endpoints.end(), rules->deny.begin(), rules->deny.end());
            endpoints.insert(endpoints.end(), rules->except.begin(), rules->except.end());
        }
    const auto& near = dice.pick(endpoints);
    const policy::Cidr cidr = near.address && !dice.one_in(8) ? *near.address : random_cidr(dice);
    RandomDestination to{.address = {}, .port = 0, .protocol = 0};
    to.address.assign(cidr.address.begin(), cidr.address.begin() + (cidr.ipv6 ? 16 : 4));
    // Host bits all zero or all one, or one bit off: the edges of the range.
    const bool ones = dice.one_in(2);
    for (unsigned bit = cidr.prefix; ones && bit < to.address.size() * 8; bit++)
        to.address[bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
    if (dice.one_in(3)) {
        const unsigned bit = dice.roll(static_cast<unsigned>(to.address.size()) * 8);
        to.address[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    }
    const std::vector<std::uint16_t> ports{near.first_port, near.last_port,
                                           static_cast<std::uint16_t>(near.first_port - 1),
                                           static_cast<std::uint16_t>(near.last_port + 1), random_port(dice)};
    to.port = dice.pick(ports);
    static const std::vector<std::uint8_t> protocols{6, 6, 6, 17, 17, 132, 0, 255};
    to.protocol = dice.pick(protocols);
    return to;
}

} // namespace enforced::test
