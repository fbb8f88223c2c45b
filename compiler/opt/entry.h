// The poll at the entry of a function, which is also the test of the stack.
#pragma once
#include "compiler/pir/pir.h"

namespace parlane::opt {

/// The poll at the entry; invalid if there is none.
pir::OpId entryPoll(const pir::Module &module, pir::FunctionId id);
/// Puts one there. It may fail, so it stands behind the stores that put owned arguments where a failure finds and drops them.
void pollEntry(pir::Module &module, pir::FunctionId id);

} // namespace parlane::opt
