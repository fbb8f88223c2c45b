// LLVM's part of the pass list.
#pragma once
#include "compiler/codegen/llvm_module.h"

#include <string>

namespace llvm {
class TargetMachine;
}

namespace parlane::codegen {

/// Runs the pipeline of `options.level` on the module: light (always-inline, then a handful of scalar passes) or LLVM's -O3.
/// Loop and straight-line vectorizers run in the latter; there is no fast-math flag for them to act on.
void optimize(llvm::Module &module, llvm::TargetMachine &machine, const Options &options);

/// LLVM's verifier. Empty if the module is well formed, else what it says.
std::string verifyErrors(const llvm::Module &module);

} // namespace parlane::codegen
