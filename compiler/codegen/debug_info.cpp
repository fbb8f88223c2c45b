#include "compiler/codegen/debug_info.h"

namespace parlane::codegen {

struct DebugInfo::Impl {};

DebugInfo::DebugInfo(llvm::Module &, const pir::Module &, const source::SourceMap &, const Options &) {}
DebugInfo::~DebugInfo() = default;
void DebugInfo::enter(const pir::Function &, llvm::Function &) {}
void DebugInfo::leave() {}
void DebugInfo::enterBlock(llvm::IRBuilderBase &, const pir::Function &, pir::RegionId) {}
void DebugInfo::leaveBlock() {}
void DebugInfo::locate(llvm::IRBuilderBase &, pir::LocId) {}
void DebugInfo::parameter(llvm::IRBuilderBase &, llvm::Function &, const pir::Function &, pir::ValueId,
                          llvm::ArrayRef<llvm::Value *>) {}
void DebugInfo::variable(llvm::IRBuilderBase &, const pir::Function &, const pir::Op &, llvm::Value *) {}
void DebugInfo::index(llvm::IRBuilderBase &, const pir::Function &, const pir::Op &, pir::ValueId, llvm::Value *,
                      llvm::BasicBlock &) {}
void DebugInfo::finish() {}

} // namespace parlane::codegen
