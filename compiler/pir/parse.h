// Text of Pir to Pir.
#pragma once
#include "compiler/pir/pir.h"

#include <expected>

namespace parlane::pir {

struct ParseError {
    uint32_t line = 0, column = 0; ///< from 1
    std::string message;
};

/// Reads what `print` writes. Reports the first error. Checks syntax and names only: `verify` does the rest.
std::expected<Module, ParseError> parse(std::string_view text);

} // namespace parlane::pir
