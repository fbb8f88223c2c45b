// Hir as deterministic text (`--emit=hir`): for tests and for people.
#pragma once
#include "lang/hir/hir.h"

#include <string>

namespace parlane::hir {

struct PrintOptions {
    bool library = false; ///< also the functions of `std` modules that have bodies
};

/// The whole program. Locals are `name.number`, implicit nodes are spelled out (`view(...)`, `consume ...`,
/// `some(...)`).
std::string print(const Program &program, const Interner &names, PrintOptions options = {});
/// One function.
std::string print(const Program &program, FunctionId function, const Interner &names);

} // namespace parlane::hir
