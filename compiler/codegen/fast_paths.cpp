// The fast paths of runtime/fast: bitcode that parc carries, linked into every module before anything is emitted, and inlined.
#include "compiler/codegen/emitter.h"

#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/MemoryBuffer.h>

// cmake/runtime.cmake
extern "C" const char parlane_fast_bitcode[], parlane_fast_bitcode_end[];

namespace parlane::codegen {

void ModuleEmitter::linkFastPaths() {
    llvm::StringRef bytes(parlane_fast_bitcode, static_cast<size_t>(parlane_fast_bitcode_end - parlane_fast_bitcode));
    auto loaded = llvm::parseBitcodeFile(llvm::MemoryBufferRef(bytes, "fast"), context);
    if (!loaded) PAR_UNREACHABLE("the fast paths are broken: {}", llvm::toString(loaded.takeError()));
    llvm::Module &fast = **loaded;
    fast.setDataLayout(module.getDataLayout());
    fast.setTargetTriple(module.getTargetTriple());
    if (llvm::NamedMDNode *flags = fast.getModuleFlagsMetadata()) fast.eraseNamedMetadata(flags);
    if (llvm::NamedMDNode *ident = fast.getNamedMetadata("llvm.ident")) fast.eraseNamedMetadata(ident);
    for (llvm::Function &function : fast)
        for (const char *attribute : {"target-cpu", "target-features", "tune-cpu"}) function.removeFnAttr(attribute);
    bool failed = llvm::Linker::linkModules(module, std::move(*loaded));
    PAR_CHECK(!failed, "the fast paths do not fit");
    for (llvm::Function &function : module)
        if (!function.isDeclaration()) {
            function.setLinkage(llvm::GlobalValue::InternalLinkage);
            function.addFnAttr(llvm::Attribute::NoUnwind);
        } else {
            function.addFnAttr(llvm::Attribute::NoUnwind);
            function.addFnAttr(llvm::Attribute::Cold);
        }
}

llvm::Function *ModuleEmitter::fast(llvm::StringRef name) {
    llvm::Function *found = module.getFunction(name);
    PAR_CHECK(found && !found->isDeclaration(), "runtime/fast has no {}", name.str());
    return found;
}

} // namespace parlane::codegen
