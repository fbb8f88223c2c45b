// Ops on lanes. A vector of L logical lanes is one LLVM vector; LLVM splits it into native registers.
#include "compiler/codegen/emitter.h"

namespace parlane::codegen {

bool FunctionEmitter::emitVector(const pir::Op &) { return false; }

} // namespace parlane::codegen
