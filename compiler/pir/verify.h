// Our own invariants of Pir. Never about user code: a message here is an internal error.
#pragma once
#include "compiler/pir/pir.h"

namespace parlane::pir {

/// What is wrong with the module, one sentence each, at most 20; empty if nothing is. Checks visibility, types, regions, levels, ownership of
/// values and the verdicts on writes in parallel bodies (see pir.h).
std::vector<std::string> verify(const Module &module);
std::vector<std::string> verify(const Module &module, const Function &function);

} // namespace parlane::pir
