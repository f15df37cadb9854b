// SPDX-License-Identifier: GPL-2.0-or-later
#include "bus/options.hpp"

namespace enforced::bus {

Answer<Terms> read_terms(const Dictionary& given) {
    Options options(given);
    Terms terms;

    terms.timeout = options.take<std::uint64_t>("timeout-usec");
    const auto keep = options.take<bool>("keep");
    if (auto finished = options.finish(); !finished)
        return std::unexpected(finished.error());
    if (terms.timeout && (*terms.timeout < min_timeout || *terms.timeout > max_timeout))
        return fault(error::invalid_arguments,
                     fmt::format("timeout-usec is {}, and has to be from {} (1 s) to {} (24 h)",
                                 *terms.timeout, min_timeout, max_timeout));
    if (keep && !terms.timeout)
        return fault(error::invalid_arguments,
                     "the option keep is for a change on probation, with timeout-usec");
    terms.keep = keep.value_or(false);
    return terms;
}

Answer<void> expect_none(const Dictionary& given) {
    return Options(given).finish();
}

} // namespace enforced::bus
