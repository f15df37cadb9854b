// SPDX-License-Identifier: GPL-2.0-or-later
/// The kinds of messages in the journal. Each has its text in units/enforced.catalog.
#pragma once

namespace enforced::daemon::message {

inline constexpr const char* refused = "2fcce86265134265bdbd52fe7f3e1f65";
inline constexpr const char* would_refuse = "dd40b38ada2a4874a753e0bdca9ab211";
inline constexpr const char* reported = "301d898401ae4b82a1e9095703b1e738";
inline constexpr const char* trespass_refused = "2f79c7dda9d04ba3b08d91b3a5ffa137";
inline constexpr const char* trespass_seen = "9dbd3a97f4cc4e6daa7a2f9b32bb51d6";
inline constexpr const char* weakened = "91139053f8ca42df8b75ca3a55988419";
inline constexpr const char* strengthened = "f826318c24c94a1993d4038159fe1f48";
inline constexpr const char* in_force = "2f2d70ccd3e04f3babfd284aa558e0a6";
inline constexpr const char* bad_policy = "846c44ae11bb43998caaf2f5dc209a5c";
inline constexpr const char* not_loaded = "038633f0cedd4dc99e554ec0f1cb35cd";
inline constexpr const char* not_in_force = "2290bce92fd24e2ea595cf385fc42b20";
inline constexpr const char* left_in_force = "0e79276632394683bef7d5d6d1171e63";
inline constexpr const char* released = "ceb8cdd184a8404e8972eb7feb3f37c3";
inline constexpr const char* lost = "197479ea2cae47e39c0378b2e58b309d";
inline constexpr const char* bad_settings = "3a57268920484403869949291e221d78";
inline constexpr const char* cannot_start = "f5db76621b574f0ab840ffabe02cc6cb";
inline constexpr const char* changed = "75a4cba0ad8e4494b150e92ac9f56fb5";
inline constexpr const char* confirmed = "a0d880dbf3c74cfb910a8324589f3266";
inline constexpr const char* undone = "95e7f36446fe47d5b209c5743efc597d";
inline constexpr const char* not_undone = "c99d99184cd143009108836597f644e6";

} // namespace enforced::daemon::message
