// Who calls whom, closures and outlined bodies included.
#pragma once
#include "compiler/pir/pir.h"

namespace parlane::opt {

struct CallGraph {
    std::vector<std::vector<uint32_t>> callees; ///< by function
    std::vector<uint32_t> component;            ///< by function: the number of its cycle; callees have smaller ones
    std::vector<bool> recursive;                ///< by function: may it reach itself?
};

/// Whoever calls a closure may call every function that became one. `spawns`: with the branches of rt.invoke, which a spawn tests the stack for.
CallGraph callGraph(const pir::Module &module, bool spawns = true);
/// Fills in component and recursive.
void findCycles(CallGraph &graph);

} // namespace parlane::opt
