#include "compiler/codegen/llvm_module.h"

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

namespace parlane::codegen {

Artifact::Artifact() = default;
Artifact::Artifact(Artifact &&) noexcept = default;

Artifact &Artifact::operator=(Artifact &&other) noexcept {
    module.reset(); // before its context
    context = std::move(other.context);
    module = std::move(other.module);
    options = other.options;
    return *this;
}

Artifact::~Artifact() { module.reset(); }

} // namespace parlane::codegen
