// Pass `outline`: level 3 (or lower) to 4. Bodies of par.* ops become functions; the ops become rt.* ops that name them.
#pragma once
#include "compiler/pir/pir.h"

namespace parlane::opt {

/// Afterwards no function has a par.* op, every function has level 4, and `fails` is right. New functions stand behind those that
/// were there, named after the function they came from (`main.for0`).
void outline(pir::Module &module);
/// For the interpreter: only loops that run on lanes become functions, which are called at once. The verdicts of such calls are gone, so the
/// verifier has nothing to say about the result.
void callLanes(pir::Module &module);

} // namespace parlane::opt
