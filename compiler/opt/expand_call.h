// One call becomes the body of its callee. Early returns become `leave` of a block; owned arguments are kept in a slot, so that they are
// dropped as the callee would have.
#pragma once
#include "compiler/opt/rewrite.h"

namespace parlane::opt {

/// `call` is a `call` of a function that is not around it. Uses of its result are noted in `replacements`, to be applied by the caller.
void expandCall(pir::Module &module, pir::FunctionId into, pir::OpId call, Replacements &replacements);

} // namespace parlane::opt
