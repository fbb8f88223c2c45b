// Text, assembly and objects.
#include "compiler/backend/backend.h"

#include "compiler/codegen/optimize.h"
#include "compiler/codegen/target.h"

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

namespace parlane::backend {
namespace {

std::expected<std::string, std::string> generate(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType type) {
    llvm::SmallVector<char, 0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    if (machine.addPassesToEmitFile(passes, stream, nullptr, type, /*DisableVerify=*/true))
        return std::unexpected("LLVM cannot write this kind of file for this machine");
    passes.run(module);
    return std::string(bytes.begin(), bytes.end());
}

} // namespace

std::expected<void, std::string> write(codegen::Artifact artifact, Output output, const std::string &path, const LinkInputs &inputs) {
    auto machine = codegen::createTargetMachine(artifact.options, /*jit=*/false);
    if (!machine) return std::unexpected(machine.error());
    llvm::Module &module = *artifact.module;
    codegen::optimize(module, **machine, artifact.options);
    if (output == Output::Llvm) {
        std::string text;
        llvm::raw_string_ostream stream(text);
        module.print(stream, nullptr);
        return writeFile(path, text);
    }
    auto type = output == Output::Assembly ? llvm::CodeGenFileType::AssemblyFile : llvm::CodeGenFileType::ObjectFile;
    auto bytes = generate(module, **machine, type);
    if (!bytes) return std::unexpected(bytes.error());
    if (output == Output::Assembly || output == Output::Object) return writeFile(path, *bytes);
    if (output == Output::Static) return archive(*bytes, path);
    // Exported functions are what has external linkage and can be seen.
    LinkInputs all = inputs;
    for (const llvm::Function &function : module)
        if (!function.isDeclaration() && function.hasExternalLinkage() && function.hasDefaultVisibility())
            all.exports.push_back(function.getName().str());
    std::string_view object = *bytes;
    return link({&object, 1}, output, path, all);
}

} // namespace parlane::backend
