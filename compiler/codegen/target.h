// The machine that code is generated for.
#pragma once
#include "compiler/codegen/llvm_module.h"

#include <expected>
#include <memory>
#include <string>

namespace parlane::codegen {

struct TargetNames {
    std::string cpu;      ///< LLVM's name
    std::string features; ///< "+avx2,+fma,..."; empty: what the CPU implies
};

/// LLVM's names for a choice of CPU. The error is a sentence: this machine is below x86-64-v3.
std::expected<TargetNames, std::string> targetNames(Cpu cpu);

/// A fresh machine for the host's triple; `jit` picks the code model of code that is loaded at once.
std::expected<std::unique_ptr<llvm::TargetMachine>, std::string> createTargetMachine(const Options &options, bool jit);

} // namespace parlane::codegen
