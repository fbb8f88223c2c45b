// Serial clones of recursive functions that spawn.
#pragma once
#include "compiler/pir/pir.h"

namespace parlane::opt {

/// Functions that spawn and may reach themselves get clones in which constructs run on the thread that meets them, branch by branch. The function
/// goes over to its clone where its thread has latent work enough (`fast deep`), and the clone comes back when somebody wants work that is
/// not there (`fast wanted`). Small ones are cloned several times, each calling the next, so that LLVM inlines a few levels of the recursion.
void serialClones(pir::Module &module);

} // namespace parlane::opt
