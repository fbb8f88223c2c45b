// An LLVM module with the context that owns it. Users outside codegen, backend and jit see only the name `Artifact`.
#pragma once
#include "compiler/codegen/options.h"

#include <memory>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
} // namespace llvm

namespace parlane::codegen {

/// Generated code before or after optimisation. Movable; the context dies after the module.
struct Artifact {
    std::unique_ptr<llvm::LLVMContext> context;
    std::unique_ptr<llvm::Module> module;
    Options options;

    Artifact();
    Artifact(Artifact &&) noexcept;
    Artifact &operator=(Artifact &&) noexcept;
    ~Artifact();
};

} // namespace parlane::codegen
