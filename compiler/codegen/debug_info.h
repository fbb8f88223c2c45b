// DWARF: lines, functions, variables. Does nothing unless Options::debug is set.
#pragma once
#include "compiler/codegen/options.h"
#include "compiler/pir/pir.h"

#include <llvm/ADT/ArrayRef.h>
#include <memory>

namespace llvm {
class AllocaInst;
class BasicBlock;
class Function;
class IRBuilderBase;
class Module;
class Value;
} // namespace llvm

namespace parlane::codegen {

class DebugInfo {
public:
    DebugInfo(llvm::Module &module, const pir::Module &pir, const source::SourceMap &sources, const Options &options);
    ~DebugInfo();

    /// The functions to come describe this one.
    void enter(const pir::Function &function, llvm::Function &made);
    void leave();
    /// Lexical blocks, so that variables of one name in two blocks stay apart.
    void enterBlock(llvm::IRBuilderBase &b, const pir::Function &function, pir::RegionId region);
    void leaveBlock();
    /// Location of the instructions to come.
    void locate(llvm::IRBuilderBase &b, pir::LocId loc);
    /// A named value that is no slot: parameter number `argument` (from 1), or an index of a loop (0). `in_memory`: parts are an address.
    void keep(llvm::IRBuilderBase &b, const pir::Function &function, pir::ValueId id, llvm::ArrayRef<llvm::Value *> parts,
              bool in_memory, unsigned argument, llvm::BasicBlock &entry);
    void variable(llvm::IRBuilderBase &b, const pir::Function &function, const pir::Op &slot, llvm::Value *place);
    void finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl; ///< null without debug information
};

} // namespace parlane::codegen
