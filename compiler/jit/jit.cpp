// LLJIT is a heavy header: this is the only file that includes it.
#include "compiler/jit/jit.h"

#include "compiler/codegen/optimize.h"
#include "compiler/codegen/target.h"
#include "compiler/jit/runtime_symbols.h"

#include <fmt/format.h>
#include <llvm/ExecutionEngine/Orc/Debugging/DebuggerSupport.h>
#include <llvm/ExecutionEngine/Orc/ExecutionUtils.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

namespace parlane::jit {

namespace orc = llvm::orc;

struct Jit::Impl {
    codegen::Options options;
    std::unique_ptr<llvm::TargetMachine> machine;
    std::string errors; ///< what the session reported since it was last looked at
    std::unique_ptr<orc::LLJIT> lljit;

    /// LLVM's error, or rather what the session said of it: that has the names.
    std::string take(llvm::Error error) {
        std::string text = llvm::toString(std::move(error));
        if (!errors.empty()) text = std::exchange(errors, {});
        return text;
    }
};

Jit::Jit(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Jit::Jit(Jit &&) noexcept = default;
Jit &Jit::operator=(Jit &&) noexcept = default;
Jit::~Jit() = default;

static llvm::Error defineRuntime(orc::LLJIT &lljit) {
    orc::SymbolMap symbols;
    auto flags = llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable;
    for (const RuntimeSymbol &symbol : runtimeSymbols())
        symbols[lljit.mangleAndIntern(symbol.name)] = {orc::ExecutorAddr::fromPtr(symbol.address), flags};
    return lljit.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols)));
}

static llvm::Expected<std::unique_ptr<orc::LLJIT>> createLljit(llvm::TargetMachine &machine) {
    orc::JITTargetMachineBuilder builder(machine.getTargetTriple());
    builder.setCPU(machine.getTargetCPU().str());
    builder.getFeatures() = llvm::SubtargetFeatures(machine.getTargetFeatureString());
    builder.setOptions(machine.Options);
    builder.setCodeGenOptLevel(machine.getOptLevel());
    return orc::LLJITBuilder().setJITTargetMachineBuilder(std::move(builder)).create();
}

std::expected<Jit, std::string> Jit::create(const JitOptions &options) {
    auto impl = std::make_unique<Impl>();
    impl->options = options.code;
    auto machine = codegen::createTargetMachine(options.code, /*jit=*/true);
    if (!machine) return std::unexpected(machine.error());
    impl->machine = std::move(*machine);
    auto lljit = createLljit(*impl->machine);
    if (!lljit) return std::unexpected(llvm::toString(lljit.takeError()));
    impl->lljit = std::move(*lljit);
    Impl &inner = *impl; // stays where it is
    inner.lljit->getExecutionSession().setErrorReporter([&inner](llvm::Error error) {
        if (!inner.errors.empty()) inner.errors += "; ";
        inner.errors += llvm::toString(std::move(error));
    });
    inner.lljit->getIRTransformLayer().setTransform([&inner](orc::ThreadSafeModule module, auto &) {
        module.withModuleDo([&](llvm::Module &m) { codegen::optimize(m, *inner.machine, inner.options); });
        return llvm::Expected<orc::ThreadSafeModule>(std::move(module));
    });
    if (options.code.debug)
        if (llvm::Error error = orc::enableDebuggerSupport(*inner.lljit))
            return std::unexpected(inner.take(std::move(error)));
    if (llvm::Error error = defineRuntime(*inner.lljit)) return std::unexpected(inner.take(std::move(error)));
    char prefix = inner.lljit->getDataLayout().getGlobalPrefix();
    for (const std::string &library : options.libraries) {
        auto loaded = orc::DynamicLibrarySearchGenerator::Load(library.c_str(), prefix);
        if (!loaded) return std::unexpected(inner.take(loaded.takeError()));
        inner.lljit->getMainJITDylib().addGenerator(std::move(*loaded));
    }
    return Jit(std::move(impl));
}

std::expected<void, std::string> Jit::add(codegen::Artifact artifact) {
    orc::ThreadSafeContext context(std::move(artifact.context));
    orc::ThreadSafeModule module(std::move(artifact.module), std::move(context));
    if (llvm::Error error = impl->lljit->addIRModule(std::move(module)))
        return std::unexpected(impl->take(std::move(error)));
    return {};
}

std::expected<void *, std::string> Jit::address(std::string_view symbol) {
    auto found = impl->lljit->lookup(llvm::StringRef(symbol.data(), symbol.size()));
    if (!found) return std::unexpected(impl->take(found.takeError()));
    return found->toPtr<void *>();
}

} // namespace parlane::jit
