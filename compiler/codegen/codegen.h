// Pir of level 4 to an LLVM module. No LLVM header is needed by users.
#pragma once
#include "compiler/codegen/llvm_module.h"
#include "compiler/pir/pir.h"

#include <span>
#include <string>

namespace parlane::codegen {

/// A function without parameters that the outside calls: `int32_t symbol(par_ctx *)`, what par_rt_main wants. A result is dropped.
struct Entry {
    pir::FunctionId function;
    std::string symbol;
    bool is_main = false; ///< also emit C's `main`, which runs it under par_rt_main
};

/// Generates code for every function of the module. Exported functions become visible C symbols, entries as well, all else is internal.
/// The module must be verified Pir of level 4 (or functions without parallel constructs of an earlier level).
Artifact generate(const pir::Module &module, const source::SourceMap &sources, const Options &options,
                  std::span<const Entry> entries);

/// Text of the module as it is now.
std::string printLlvm(const Artifact &artifact);

/// What LLVM's verifier says; empty if all is well.
std::string verifyErrors(const Artifact &artifact);

} // namespace parlane::codegen
