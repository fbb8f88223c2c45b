// Pir as text. The text of a printed module parses back to a module that prints the same.
#pragma once
#include "compiler/pir/pir.h"

namespace parlane::pir {

struct PrintOptions {
    bool locations = false; ///< ` !begin-end` behind each op: bytes of the session's sources
};

std::string print(const Module &module, PrintOptions options = {});
std::string print(const Module &module, const Function &function, PrintOptions options = {});
/// One op without its regions, for messages; values by name or number.
std::string printHead(const Module &module, const Function &function, const Op &op);
/// Text of a string literal with its quotes.
std::string quoted(std::string_view text);

} // namespace parlane::pir
