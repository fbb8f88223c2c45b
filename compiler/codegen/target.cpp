#include "compiler/codegen/target.h"

#include <fmt/format.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/Triple.h>
#include <map>

namespace parlane::codegen {
namespace {

/// `llvm::InitializeNative...` writes LLVM's own registry; it may run any number of times but not at once.
void initializeTargets() {
    [[maybe_unused]] static const bool done = [] {
        llvm::InitializeNativeTarget();
        llvm::InitializeNativeTargetAsmPrinter();
        llvm::InitializeNativeTargetAsmParser();
        return true;
    }();
}

} // namespace

std::expected<TargetNames, std::string> targetNames(Cpu cpu) {
    switch (cpu) {
    case Cpu::V3: return TargetNames{"x86-64-v3", ""};
    // 512-bit registers are used, against the default of the generic CPU: streams and lanes measured better with them.
    case Cpu::V4: return TargetNames{"x86-64-v4", "-prefer-256-bit"};
    case Cpu::Native: break;
    }
    llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
    for (const char *needed : {"avx2", "fma", "bmi2", "lzcnt", "f16c", "movbe"})
        if (!host.lookup(needed))
            return std::unexpected(fmt::format("this machine has no {}: Parlane needs x86-64-v3 (AVX2, FMA, BMI2)", needed));
    TargetNames names{llvm::sys::getHostCPUName().str(), ""};
    std::map<std::string, bool> sorted; // deterministic text
    for (const auto &entry : host) sorted[entry.getKey().str()] = entry.getValue();
    for (const auto &[name, on] : sorted) names.features += fmt::format("{}{}{}", names.features.empty() ? "" : ",", on ? "+" : "-", name);
    return names;
}

std::expected<std::unique_ptr<llvm::TargetMachine>, std::string> createTargetMachine(const Options &options, bool jit) {
    initializeTargets();
    auto names = targetNames(options.cpu);
    if (!names) return std::unexpected(names.error());
    llvm::Triple triple(llvm::sys::getProcessTriple());
    std::string error;
    const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
    if (!target) return std::unexpected(error);
    llvm::TargetOptions target_options;
    target_options.AllowFPOpFusion = llvm::FPOpFusion::Strict; // fma only where the program says so
    auto level = options.level == 0 ? llvm::CodeGenOptLevel::None
                 : options.level == 1 ? llvm::CodeGenOptLevel::Less
                                      : llvm::CodeGenOptLevel::Aggressive;
    std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
        triple, names->cpu, names->features, target_options, llvm::Reloc::PIC_,
        jit ? std::optional(llvm::CodeModel::Small) : std::nullopt, level, jit));
    if (!machine) return std::unexpected(fmt::format("LLVM has no machine for {}", triple.str()));
    return machine;
}

} // namespace parlane::codegen
